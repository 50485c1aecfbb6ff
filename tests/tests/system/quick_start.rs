//! The README's quick start, followed to the letter outside the repository.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

const README: &str = include_str!("../../../README.md");

/// The Rust of the quick start: the file it belongs in, and its text.
fn blocks() -> Vec<(&'static str, &'static str)> {
    README
        .split("<!-- quick-start: ")
        .skip(1)
        .map(|part| {
            let (file, rest) = part.split_once(" -->\n```rust\n").unwrap();
            (file, rest.split_once("```").unwrap().0)
        })
        .collect()
}

#[test]
fn the_quick_start_is_short() {
    let lines =
        blocks().iter().flat_map(|(_, text)| text.lines()).filter(|line| !line.trim().is_empty()).count();
    assert!((10..=20).contains(&lines), "{lines} lines");
}

#[test]
fn the_quick_start_works_outside_the_repository() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let directory = TempDir::new().unwrap();
    let write = |file: &str, text: &str| {
        let path = directory.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for (file, text) in blocks() {
        write(file, text);
    }
    let ours = |name: &str| format!("{name} = {{ path = \"{}\" }}\n", repository.join(name).display());
    let package = |name: &str, rest: &str| {
        write(
            &format!("{name}/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{rest}"),
        );
    };
    let api = "greet-api = { path = \"../greet-api\" }\n";
    package("greet-api", &format!("[dependencies]\n{}", ours("plugin-core")));
    package(
        "polite",
        &format!(
            "[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n\n[dependencies]\n{api}{}",
            ours("plugin-core")
        ),
    );
    package("hello", &format!("[dependencies]\n{api}{}", ours("plugin-host")));
    write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"greet-api\", \"polite\", \"hello\"]\n");
    write("Cargo.lock", &fs::read_to_string(repository.join("Cargo.lock")).unwrap());

    let cargo = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .current_dir(directory.path())
            .env_remove("CARGO_TARGET_DIR")
            // The macros add no warning to a user's crate.
            .env("RUSTFLAGS", "-Dwarnings")
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    cargo(&["build"]);
    assert_eq!(cargo(&["run", "-p", "hello"]), "Good day, world\n");
}
