//! The program: what it changes, what it says, and how it exits.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use format::Formatters;
use tempfile::TempDir;

use crate::{
    direct,
    stage::{self, ALL, stage},
};

/// A file that is not formatted, and one that cannot be.
const UNFORMATTED: &str = "{\"a\":[1,2]}";
const BROKEN: &str = "{ \"a\": ";

#[derive(Debug)]
struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

fn command(arguments: &[&str], path: &Path, plugins: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_format"));
    command.arg(path).arg("--plugins").arg(plugins).args(arguments).env("RUST_BACKTRACE", "0");
    command
}

fn run_with(arguments: &[&str], path: &Path, plugins: &Path) -> Ran {
    let output = command(arguments, path, plugins).output().unwrap();
    Ran {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The program on a path, with every plugin.
fn run(arguments: &[&str], path: &Path) -> Ran {
    run_with(arguments, path, stage(&ALL).path())
}

/// A directory with these files.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

fn read(tree: &TempDir, name: &str) -> String {
    fs::read_to_string(tree.path().join(name)).unwrap()
}

/// Every file in a directory, also the hidden ones.
fn names(tree: &TempDir) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(tree).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_check_exits_with_what_it_found_and_changes_nothing() {
    let formatted = ("a.json", "{ \"a\": [1, 2] }\n");
    let cases = [
        (&[formatted][..], 0, "0 files would change, 1 unchanged, 0 errors\n"),
        (&[formatted, ("b.json", UNFORMATTED)], 1, "1 file would change, 1 unchanged, 0 errors\n"),
        (&[formatted, ("b.json", BROKEN)], 2, "0 files would change, 1 unchanged, 1 error\n"),
        (&[("b.json", UNFORMATTED), ("c.json", BROKEN)], 2, "1 file would change, 0 unchanged, 1 error\n"),
        (&[], 0, "0 files would change, 0 unchanged, 0 errors\n"),
    ];
    for (files, status, summary) in cases {
        let tree = tree(files);
        let ran = run(&["--check"], tree.path());
        assert_eq!(ran.status, status, "{files:?}: {ran:?}");
        assert!(ran.stdout.ends_with(summary), "{files:?}: {ran:?}");
        let unformatted = tree.path().join("b.json");
        let named = ran.stdout.contains(&format!("would change {}\n", unformatted.display()));
        assert_eq!(named, files.contains(&("b.json", UNFORMATTED)), "{ran:?}");
        assert!(files.iter().all(|(name, text)| read(&tree, name) == *text));
    }
}

#[test]
fn files_are_written_as_the_libraries_would_and_then_pass_the_check() {
    let files = [
        ("README.md", "Title\n=====\n\n* one\n* two\n"),
        ("deep/er/data.json", UNFORMATTED),
        ("deep/Cargo.toml", "[package]\nversion=\"1.0.0\"\nname='a'\n"),
    ];
    let tree = tree(&files);
    let ran = run(&[], tree.path());
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
    assert!(ran.stdout.ends_with("3 files formatted, 0 unchanged, 0 errors\n"), "{ran:?}");
    for (name, text) in files {
        let expected = direct::format(&tree.path().join(name), text, None).unwrap().unwrap();
        assert_eq!(read(&tree, name), expected);
    }
    assert_eq!(run(&["--check"], tree.path()).status, 0);
}

#[test]
fn a_line_width_is_passed_on() {
    let text = "{ \"a\": [1000000000, 2000000000] }\n";
    let tree = tree(&[("a.json", text)]);
    assert_eq!(run(&["--line-width", "20"], tree.path()).status, 0);
    let expected = direct::format(&tree.path().join("a.json"), text, Some(20)).unwrap().unwrap();
    assert_eq!(read(&tree, "a.json"), expected);
}

#[test]
fn an_error_is_that_of_one_file() {
    let tree = tree(&[
        ("a.json", BROKEN),
        ("b.faulty", "panic"),
        ("c.json", UNFORMATTED),
        ("d.faulty", "as it should be"),
    ]);
    fs::write(tree.path().join("e.json"), b"{ \"\xff\": 1 }").unwrap();
    let ran = run(&[], tree.path());
    assert_eq!(ran.status, 2);
    assert!(ran.stdout.ends_with("1 file formatted, 1 unchanged, 3 errors\n"), "{ran:?}");
    assert_eq!(read(&tree, "a.json"), BROKEN);
    assert_eq!(
        read(&tree, "c.json"),
        direct::format(Path::new("c.json"), UNFORMATTED, None).unwrap().unwrap()
    );
    let path = |name| tree.path().join(name).display().to_string();
    let refused = direct::format(Path::new("a.json"), BROKEN, None).unwrap_err();
    for error in [
        format!("error: {}: {refused}\n", path("a.json")),
        format!("error: {0}: the formatter panicked: out of luck with {0}\n", path("b.faulty")),
        format!("error: {}: not UTF-8: expected text, found other bytes from 3 on\n", path("e.json")),
    ] {
        assert!(ran.stderr.contains(&error), "{error} in {}", ran.stderr);
    }
}

#[test]
fn only_files_of_known_languages_that_are_not_excluded_are_looked_at() {
    let tree = tree(&[
        (".gitignore", "/build\n"),
        ("build/a.json", UNFORMATTED),
        (".hidden.json", UNFORMATTED),
        ("b.txt", UNFORMATTED),
        ("json", UNFORMATTED),
        ("UPPER.JSON", UNFORMATTED),
    ]);
    let ran = run(&["--check"], tree.path());
    let expected = format!(
        "would change {}\n1 file would change, 0 unchanged, 0 errors\n",
        tree.path().join("UPPER.JSON").display()
    );
    assert_eq!((ran.status, ran.stdout), (1, expected));

    // One that is named is meant.
    assert_eq!(run(&["--check"], &tree.path().join(".hidden.json")).status, 1);
    let ran = run(&["--check"], &tree.path().join("b.txt"));
    assert_eq!(ran.status, 2);
    assert!(
        ran.stderr.contains("no plugin formats such files; there are plugins for faulty, json, "),
        "{ran:?}"
    );
    let ran = run(&["--check"], &tree.path().join("missing"));
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("missing: cannot search\n  because: "), "{ran:?}");
}

#[test]
fn a_file_of_absurd_size_is_skipped() {
    let tree = tree(&[("a.json", UNFORMATTED)]);
    let file = fs::File::create(tree.path().join("b.json")).unwrap();
    file.set_len(format::MAX_SIZE + 1).unwrap();
    let ran = run(&[], tree.path());
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("b.json: larger than 16 MiB\n"), "{ran:?}");
    assert!(ran.stdout.ends_with("1 file formatted, 0 unchanged, 0 errors\n"), "{ran:?}");
}

#[test]
#[cfg(unix)]
fn permissions_stay_and_read_only_is_meant() {
    use std::os::unix::fs::PermissionsExt;
    let tree = tree(&[("a.json", UNFORMATTED), ("b.json", UNFORMATTED)]);
    let set =
        |name, mode| fs::set_permissions(tree.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
    set("a.json", 0o641);
    set("b.json", 0o444);
    let ran = run(&[], tree.path());
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("b.json: read-only, so it was not changed"), "{ran:?}");
    assert_eq!(read(&tree, "b.json"), UNFORMATTED);
    assert_ne!(read(&tree, "a.json"), UNFORMATTED);
    let mode = fs::metadata(tree.path().join("a.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o641);
    assert_eq!(names(&tree), ["a.json", "b.json"]);
}

#[test]
fn a_killed_program_leaves_every_file_old_or_new() {
    let names: Vec<_> = (0..60).map(|number| format!("{number:03}.faulty")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), "grow")).collect();
    let (tree, plugins) = (tree(&files), stage(&ALL));
    let mut child = command(&[], tree.path(), plugins.path()).stdout(Stdio::null()).spawn().unwrap();
    let changed = || names.iter().filter(|name| read(&tree, name) != "grow").count();
    let patience = Instant::now() + Duration::from_secs(60);
    while changed() < 4 && Instant::now() < patience {
        thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let changed = changed();
    assert!((4..60).contains(&changed), "{changed}");
    let grown = "grown\n".repeat(1 << 19);
    for name in &names {
        let text = read(&tree, name);
        assert!(text == "grow" || text == grown, "{name}: {} bytes", text.len());
    }
    // And what it left behind is in nobody's way.
    let ran = run(&[], tree.path());
    assert_eq!(ran.status, 0, "{ran:?}");
    let summary = format!("{} files formatted, {changed} unchanged, 0 errors\n", 60 - changed);
    assert!(ran.stdout.ends_with(&summary), "{ran:?}");
}

#[test]
fn a_plugin_that_cannot_be_opened_is_an_error_and_the_others_work() {
    let (tree, plugins) = (tree(&[("a.json", UNFORMATTED), ("b.toml", "a=1")]), stage(&["format-json"]));
    let garbage = stage::file_name("format-toml");
    fs::write(plugins.path().join(&garbage), "garbage").unwrap();
    let ran = run_with(&[], tree.path(), plugins.path());
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains(&garbage), "{ran:?}");
    assert!(ran.stdout.ends_with("1 file formatted, 0 unchanged, 0 errors\n"), "{ran:?}");
    assert_eq!(read(&tree, "b.toml"), "a=1");
}

#[test]
fn plugins_are_looked_for_beside_the_directory_of_the_program() {
    let (tree, installed) = (tree(&[("a.json", UNFORMATTED)]), tempfile::tempdir().unwrap());
    let (bin, plugins) = (installed.path().join("bin"), installed.path().join("plugins"));
    fs::create_dir(&bin).unwrap();
    fs::rename(stage(&ALL).keep(), plugins).unwrap();
    let program = bin.join("format");
    fs::copy(env!("CARGO_BIN_EXE_format"), &program).unwrap();
    let status = Command::new(program).arg(tree.path()).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
    assert_ne!(read(&tree, "a.json"), UNFORMATTED);
}

#[test]
fn without_formatters_nothing_is_done() {
    let tree = tree(&[("a.json", UNFORMATTED)]);
    let ran = run_with(&[], tree.path(), stage(&[]).path());
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("expected at least one; run `cargo xtask build-plugins`"), "{ran:?}");

    let ran = run_with(&[], tree.path(), &tree.path().join("missing"));
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("missing"), "{ran:?}");
}

#[test]
fn two_plugins_for_a_language_are_refused() {
    let (tree, plugins) = (tree(&[("a.json", UNFORMATTED)]), stage(&["format-json", "format-faulty"]));
    let output = command(&[], tree.path(), plugins.path()).env("FORMAT_FAULTY", "json").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let expected = "error: the plugins format-faulty 0.1.0 and format-json 0.1.0 both format `json`: remove one of them\n";
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
    assert_eq!(read(&tree, "a.json"), UNFORMATTED);
}

#[test]
fn of_one_plugin_in_two_files_one_is_refused() {
    let (tree, plugins) = (tree(&[("a.json", UNFORMATTED)]), stage(&["format-json"]));
    let again = format!("again{}", std::env::consts::DLL_SUFFIX);
    fs::copy(stage::built("format-json"), plugins.path().join(again)).unwrap();
    let ran = run_with(&[], tree.path(), plugins.path());
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("expected no other plugin of that name, found format-json 0.1.0"), "{ran:?}");
    assert_ne!(read(&tree, "a.json"), UNFORMATTED, "one of them is as good as the other");
}

#[test]
#[cfg(target_os = "linux")]
fn a_plugin_that_is_no_formatter_is_not_loaded() {
    let plugins = stage(&["format-json", "greeter"]);
    let (formatters, refused) = Formatters::discover(stage::host(plugins.path())).unwrap();
    assert!(refused.is_empty());
    assert!(formatters.languages().eq(["json", "jsonc"]));
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let is_mapped = |plugin| maps.contains(plugins.path().join(stage::file_name(plugin)).to_str().unwrap());
    assert!(is_mapped("format-json") && !is_mapped("greeter"));
}
