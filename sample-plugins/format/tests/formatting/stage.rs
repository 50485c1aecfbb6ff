//! Directories of plugins: copies of what cargo built with these tests.

use std::{
    env,
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use format::Formatters;
use plugin_host::Host;
use tempfile::TempDir;

/// The formatters, and one that has every fault.
pub(crate) const ALL: [&str; 4] = ["format-json", "format-markdown", "format-toml", "format-faulty"];

/// A directory with these plugins. What is loaded from it stays loaded when it is removed.
pub(crate) fn stage(plugins: &[&str]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for plugin in plugins {
        let library = built(plugin);
        fs::copy(&library, directory.path().join(library.file_name().unwrap())).unwrap();
    }
    directory
}

/// All plugins, opened once: what the tests do to them must not show in each other.
pub(crate) fn formatters() -> &'static Formatters {
    static FORMATTERS: LazyLock<Formatters> = LazyLock::new(|| {
        let directory = stage(&ALL);
        let (formatters, refused) = Formatters::discover(host(directory.path())).unwrap();
        assert!(refused.is_empty(), "{refused:?}");
        formatters
    });
    &FORMATTERS
}

pub(crate) fn host(directory: &Path) -> Host {
    // SAFETY: the directory is the test's own, and holds what the tests built from this repository.
    unsafe { Host::trusting_dir(directory) }.unwrap()
}

/// The shared library of a dev-dependency: cargo puts it where it puts the tests.
pub(crate) fn built(plugin: &str) -> PathBuf {
    let tests = env::current_exe().unwrap();
    let library = tests.parent().unwrap().join(file_name(plugin));
    assert!(library.exists(), "cargo did not build {}", library.display());
    library
}

pub(crate) fn file_name(plugin: &str) -> String {
    format!("{DLL_PREFIX}{}{DLL_SUFFIX}", plugin.replace('-', "_"))
}
