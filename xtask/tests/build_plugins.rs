//! `build-plugins`, here and in workspaces of other people.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails them, as they do themselves")]

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    fs,
    process::Command,
};

use plugin_host::{Digest, DigestList, Inspected};
use tempfile::TempDir;

struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

/// The task in this workspace.
fn build_plugins(arguments: &[&str]) -> Ran {
    run(command(arguments).current_dir(env!("CARGO_MANIFEST_DIR")))
}

/// The task in another workspace, which has a target directory of its own.
fn build_plugins_of(workspace: &TempDir) -> Ran {
    let target = workspace.path().join("target");
    run(command(&[]).current_dir(workspace).env("CARGO_TARGET_DIR", target))
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("build-plugins").args(arguments).env("CARGO", env!("CARGO"));
    command
}

fn run(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A workspace of packages with a `cdylib` each, over a `plugin-core` that has nothing in it: whether a crate is meant
/// to be a plugin shows in its manifest.
fn workspace(packages: &[(&str, &str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    fill(&root, packages);
    root
}

fn fill(root: &TempDir, packages: &[(&str, &str, &str)]) {
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if !fs::read_to_string(&path).is_ok_and(|old| old == text) {
            fs::write(path, text).unwrap();
        }
    };
    write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\nexclude = [\"target\"]\n");
    let manifest = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
    };
    write("core/Cargo.toml", &manifest("plugin-core", ""));
    write("core/src/lib.rs", "");
    for (package, library, source) in packages {
        let rest = format!(
            "[lib]\nname = \"{library}\"\ncrate-type = [\"cdylib\"]\n[dependencies]\nplugin-core = {{ path = \"../core\" }}\n"
        );
        write(&format!("{package}/Cargo.toml"), &manifest(package, &rest));
        write(&format!("{package}/src/lib.rs"), source);
    }
}

#[test]
fn a_plugin_is_staged_without_its_debug_information() {
    let out = tempfile::tempdir().unwrap();
    let directory = out.path().to_str().unwrap();
    let ran = build_plugins(&["-p", "greeter", "--out", directory]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);

    let staged = out.path().join(format!("{DLL_PREFIX}greeter{DLL_SUFFIX}"));
    let inspected = Inspected::read(&staged).unwrap();
    assert!(ran.stdout.contains(&inspected.fingerprint().to_string()), "{}", ran.stdout);
    let mut names: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let library = staged.file_name().unwrap().to_owned();
    // Where there is no objcopy, the tool says so, and there is no second file.
    if !ran.stderr.contains("keeps its debug information") && cfg!(target_os = "linux") {
        let mut debug_info = library.clone();
        debug_info.push(".debug");
        assert_eq!(names, [library, debug_info, LOCK.into()]);
        assert!(inspected.size() < fs::metadata(staged.with_extension("so.debug")).unwrap().len());
    } else {
        assert_eq!(names, [library, LOCK.into()]);
    }
    // Two plugins, built one after the other, are both in the list; what somebody else put there is not.
    fs::copy(&staged, out.path().join("libstranger.so")).unwrap();
    assert_eq!(build_plugins(&["-p", "codec-lz4", "--out", directory]).status, 0);
    let list = DigestList::read(out.path().join(LOCK)).unwrap();
    let listed: Vec<_> = list
        .entries()
        .iter()
        .map(|entry| {
            let file = out.path().join(&entry.file);
            assert_eq!(Digest::of_file(entry.digest.algorithm(), file).unwrap(), entry.digest);
            entry.plugin.clone().unwrap()
        })
        .collect();
    let plugin = |name: &str| (name.to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    assert_eq!(listed, [plugin("codec-lz4"), plugin("greeter")]);
    if cfg!(target_os = "linux") {
        let mut check = Command::new("sha256sum");
        assert!(
            check.args(["--check", "--strict", LOCK]).current_dir(&out).output().unwrap().status.success()
        );
    }

    // A list that somebody broke is an error, not a list without the files that stay.
    fs::write(out.path().join(LOCK), "nonsense").unwrap();
    let ran = build_plugins(&["-p", "greeter", "--out", directory]);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("plugins.lock:1: expected `SHA256 (FILE) = DIGEST`"), "{}", ran.stderr);
}

const LOCK: &str = "plugins.lock";

#[test]
fn a_plugin_that_was_not_built_again_is_not_staged_again() {
    let out = tempfile::tempdir().unwrap();
    let directory = out.path().to_str().unwrap();
    // Whether it is staged shows in what is said of the tool that does so.
    let is_staged = || {
        let ran = run(command(&["-p", "greeter", "--out", directory])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("OBJCOPY", "no-such-objcopy"));
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        assert!(ran.stdout.contains("greeter"), "{}", ran.stdout);
        ran.stderr.contains("there is no `no-such-objcopy`")
    };
    let library = out.path().join(format!("{DLL_PREFIX}greeter{DLL_SUFFIX}"));
    let ran = build_plugins(&["-p", "greeter", "--out", directory]);
    if !library.with_extension("so.debug").exists() {
        assert!(std::env::var_os("CI").is_none(), "continuous integration has objcopy: {}", ran.stderr);
        eprintln!("skipped: there is no objcopy: {}", ran.stderr);
        return;
    }
    let list = fs::read(out.path().join(LOCK)).unwrap();
    assert!(!is_staged());
    assert_eq!(fs::read(out.path().join(LOCK)).unwrap(), list);

    // What somebody wrote to since is not what was built, whatever its time.
    let time = fs::metadata(&library).unwrap().modified().unwrap();
    let built = fs::read(&library).unwrap();
    fs::write(&library, [built.as_slice(), b"more"].concat()).unwrap();
    fs::File::options().write(true).open(&library).unwrap().set_modified(time).unwrap();
    assert!(is_staged());
    let list = DigestList::read(out.path().join(LOCK)).unwrap();
    let [entry] = list.entries() else { panic!("{list}") };
    assert_eq!(Digest::of_file(entry.digest.algorithm(), &library).unwrap(), entry.digest);
}

#[test]
fn a_tool_that_is_missing_is_a_note() {
    let out = tempfile::tempdir().unwrap();
    let directory = out.path().to_str().unwrap();
    let ran = run(command(&["-p", "greeter", "--out", directory])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("OBJCOPY", "no-such-objcopy"));
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let is_noted = ran.stderr.contains("there is no `no-such-objcopy`");
    assert_eq!(is_noted, cfg!(target_os = "linux"), "{}", ran.stderr);
    Inspected::read(out.path().join(format!("{DLL_PREFIX}greeter{DLL_SUFFIX}"))).unwrap();
}

#[test]
fn an_unknown_name_lists_the_plugin_crates() {
    let ran = build_plugins(&["-p", "greter"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr.contains("no plugin crate is called `greter`; there are: codec-brotli, "),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_crate_without_a_plugin_says_what_to_write() {
    let workspace = workspace(&[("orphan", "orphan", "")]);
    let ran = build_plugins_of(&workspace);
    assert_eq!(ran.status, 1);
    for part in ["`orphan` is built as a plugin", "orphan/Cargo.toml", "#[plugin_core::export_plugin]"] {
        assert!(ran.stderr.contains(part), "{part} in {}", ran.stderr);
    }
    assert_eq!(fs::read_dir(workspace.path().join("target/plugins")).unwrap().count(), 0);
}

/// What cargo said of the workspace the last time is built while it is asked again, and goes if it says something else.
#[test]
fn a_member_that_is_new_is_built_with_those_that_are_known() {
    let workspace = workspace(&[("known", "known", "")]);
    for _ in 0..2 {
        let ran = build_plugins_of(&workspace);
        assert!(ran.stderr.contains("`known` is built as a plugin"), "{}", ran.stderr);
    }
    fill(&workspace, &[("another", "another", "")]);
    let ran = build_plugins_of(&workspace);
    assert!(ran.stderr.contains("`another` is built as a plugin"), "{}", ran.stderr);
}

#[test]
fn a_failed_build_passes_cargos_words_and_status_on() {
    let workspace = workspace(&[("broken", "broken", "fn f() -> u8 { true }")]);
    let ran = build_plugins_of(&workspace);
    assert_eq!(ran.status, 101);
    assert!(ran.stderr.contains("mismatched types"), "{}", ran.stderr);
    assert!(ran.stderr.contains("error: `cargo build --lib --package broken"), "{}", ran.stderr);
}

#[test]
fn two_plugins_of_one_file_name_are_refused_before_the_build() {
    let workspace = workspace(&[("one", "same", ""), ("two", "same", "")]);
    let ran = build_plugins_of(&workspace);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("the packages `one` and `two` would both be"), "{}", ran.stderr);
}

#[test]
fn a_workspace_without_plugins_says_so() {
    let workspace = workspace(&[]);
    let ran = build_plugins_of(&workspace);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("has no plugin crates"), "{}", ran.stderr);
}
