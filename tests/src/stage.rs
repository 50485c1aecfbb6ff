//! A trusted directory of a test's own, with plugins in it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use plugin_host::Host;
use tempfile::TempDir;

/// A directory that ends with the test. Its plugins stay loaded: their files may be deleted.
#[derive(Debug)]
pub struct Stage {
    directory: TempDir,
}

impl Stage {
    /// An empty directory.
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    /// A directory with a copy of one library.
    pub fn with(library: &Path) -> Self {
        let stage = Self::new();
        stage.add(library);
        stage
    }

    /// Copies a library into the directory, under its own name.
    pub fn add(&self, library: &Path) -> PathBuf {
        self.add_as(library, library.file_name().unwrap().to_str().unwrap())
    }

    /// Copies a library into the directory, under a name.
    pub fn add_as(&self, library: &Path, name: &str) -> PathBuf {
        let to = self.path().join(name);
        fs::copy(library, &to).unwrap();
        to
    }

    /// Writes a file into the directory.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let to = self.path().join(name);
        fs::write(&to, content).unwrap();
        to
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A host that trusts the directory.
    pub fn host(&self) -> Host {
        // SAFETY: the directory is the test's own, and holds what the tests built from this repository.
        unsafe { Host::trusting_dir(self.path()) }.unwrap()
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}
