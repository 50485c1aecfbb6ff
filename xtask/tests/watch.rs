//! `watch`, on a workspace that somebody edits.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of tests fails them, as they do themselves")]

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use plugin_host::Inspected;
use tempfile::TempDir;

/// The first build compiles plugin-core, unless an earlier run has.
const LIMIT: Duration = Duration::from_secs(300);

/// A workspace with two plugins, and the task that watches it; ended with the test, however that ends.
struct Watched {
    workspace: TempDir,
    task: Child,
}

impl Watched {
    fn new() -> Self {
        let workspace = tempfile::tempdir().unwrap();
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        write(&workspace, "Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"one\", \"two\"]\n");
        write(&workspace, "Cargo.lock", &fs::read_to_string(repository.join("Cargo.lock")).unwrap());
        for package in ["one", "two"] {
            let core = repository.join("plugin-core");
            write(
                &workspace,
                &format!("{package}/Cargo.toml"),
                &format!(
                    "[package]\nname = \"{package}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\ncrate-type = \
                     [\"cdylib\"]\n[dependencies]\nplugin-core = {{ path = \"{}\" }}\n",
                    core.display()
                ),
            );
            write(&workspace, &format!("{package}/src/lib.rs"), &source("first"));
        }
        let log = fs::File::create(workspace.path().join("log.txt")).unwrap();
        let task = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("watch")
            .current_dir(&workspace)
            .env("CARGO", env!("CARGO"))
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("watch"))
            .args(["--out", "plugins"])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Self { workspace, task }
    }

    /// What the task has said so far. Its log is a text in the workspace: not every change is one to build.
    fn log(&self) -> String {
        fs::read_to_string(self.workspace.path().join("log.txt")).unwrap()
    }

    fn wait(&self, what: &str, is_so: impl Fn() -> bool) {
        let start = Instant::now();
        while !is_so() {
            assert!(start.elapsed() < LIMIT, "{what} did not happen:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn plugin(&self, name: &str) -> PathBuf {
        self.workspace.path().join(format!("plugins/{DLL_PREFIX}{name}{DLL_SUFFIX}"))
    }

    /// Whether the staged plugin exports a function.
    fn exports(&self, plugin: &str, function: &str) -> bool {
        Inspected::read(self.plugin(plugin)).is_ok_and(|plugin| {
            plugin.descriptor().unwrap().symbols().iter().any(|symbol| symbol.name == function)
        })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.task.kill();
        let _ = self.task.wait();
    }
}

fn write(workspace: &TempDir, path: &str, text: &str) {
    let path = workspace.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn source(function: &str) -> String {
    format!("#[plugin_core::export_plugin]\npub mod plugin {{ pub fn {function}() {{}} }}\n")
}

#[test]
fn what_changed_is_built_and_staged_until_it_is_stopped() {
    let mut watched = Watched::new();
    write(&watched.workspace, ".gitignore", "*.txt\n/plugins\n");
    watched.wait("the first build", || watched.exports("one", "first") && watched.exports("two", "first"));
    let other = fs::metadata(watched.plugin("two")).unwrap().ino();

    // A mistake is told, and changes nothing; the next change is built.
    write(&watched.workspace, "one/src/lib.rs", "mistake");
    watched.wait("an error", || watched.log().contains("waiting for a change"));
    assert!(watched.exports("one", "first"));

    // A file in a directory that was not there.
    write(&watched.workspace, "one/src/deep/more.rs", &source("second"));
    write(&watched.workspace, "one/src/lib.rs", "#[path = \"deep/more.rs\"]\npub mod more;\n");
    watched.wait("the second build", || watched.exports("one", "second"));
    write(&watched.workspace, "one/src/deep/more.rs", &source("third"));
    watched.wait("the third build", || watched.exports("one", "third"));
    // What did not change is not replaced: hosts would take it for a new build.
    assert_eq!(fs::metadata(watched.plugin("two")).unwrap().ino(), other);

    let interrupt = Command::new("kill").args(["-INT", &watched.task.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    let start = Instant::now();
    let status = loop {
        if let Some(status) = watched.task.try_wait().unwrap() {
            break status;
        }
        assert!(start.elapsed() < LIMIT, "it does not stop:\n{}", watched.log());
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "{status}:\n{}", watched.log());
    let mut left: Vec<_> = fs::read_dir(watched.workspace.path().join("plugins"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.retain(|name| name.to_string_lossy().starts_with(".staging"));
    assert_eq!(left, [] as [&str; 0]);
}
