//! A copy of a file's bytes that nobody can change any more: what a digest or a signature was checked on, and what is
//! inspected and loaded then. The file goes on under its own name, path and identity.
//!
//! What was loaded from a copy is remembered for as long as the process lives. The file stays open, because its inode
//! would else be given to another file, which would be taken for this one. So does the copy: a plugin whose start failed
//! is opened again from the same one, and the system's loader knows it, instead of mapping the code a second time.
//!
//! # Platform-specific behaviour
//!
//! Linux with glibc: a sealed `memfd`, loaded through `/proc`. On other Unixes: a file in a directory of mode `0700`, which
//! this very user could still change. On Windows the file itself, which is held open so that nobody can write to it. Only
//! the first is tested by loading.

#![forbid(unsafe_code)]

#[cfg(windows)]
mod held;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod memfd;
#[cfg(any(test, all(unix, not(all(target_os = "linux", target_env = "gnu")))))]
mod staged;

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

#[cfg(windows)]
use held as platform;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
use memfd as platform;
#[cfg(all(unix, not(all(target_os = "linux", target_env = "gnu"))))]
use staged as platform;

use crate::{
    file::{FileIdentity, OpenFile},
    trust::{Digest, TrustError},
};

/// The copy, open.
#[derive(Debug, Clone)]
pub(crate) struct SealedCopy {
    file: Arc<File>,
    identity: FileIdentity,
    /// Where it can be loaded by its path; `None` if only through its descriptor.
    path: Option<PathBuf>,
    /// Once it was measured.
    content: Option<Digest>,
}

impl SealedCopy {
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Which file the copy is; the original has another identity.
    pub(crate) fn identity(&self) -> FileIdentity {
        self.identity
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

impl OpenFile {
    /// This file with the bytes that it has now, for ever.
    pub(crate) fn sealed(self) -> Result<OpenFile, TrustError> {
        let failed = |source| TrustError::NotCopied { path: self.path().to_path_buf(), source };
        let (file, path, len) = platform::copy(&self).map_err(failed)?;
        let place = path.as_deref().unwrap_or(self.path());
        let identity = FileIdentity::of_open(place, &file).map_err(failed)?;
        let copy = SealedCopy { file: Arc::new(file), identity, path, content: None };
        Ok(self.with_copy(copy, len))
    }

    /// This copy as the one of these bytes; if they were loaded before, as the one that was.
    pub(crate) fn measured(self, content: Digest) -> OpenFile {
        let len = self.len();
        let loaded = loaded().get(&self.identity()).map(|loaded| loaded.copy.clone());
        let copy = loaded.filter(|copy| copy.content == Some(content));
        match copy.or_else(|| self.copy().cloned()) {
            Some(copy) => self.with_copy(SealedCopy { content: Some(content), ..copy }, len),
            None => self,
        }
    }

    /// Keeps what has been loaded from a copy.
    pub(crate) fn remember_loaded(&self) {
        if let Some(copy) = self.copy() {
            let original = Arc::clone(self.original());
            loaded().insert(self.identity(), Loaded { _original: original, copy: copy.clone() });
        }
    }

    /// Checks that the bytes which are open as this file's plugin are the ones that were verified.
    pub(crate) fn is_what_is_open(&self) -> Result<(), TrustError> {
        let Some(found) = self.copy().and_then(|copy| copy.content) else {
            return Ok(());
        };
        match loaded().get(&self.identity()).and_then(|loaded| loaded.copy.content) {
            Some(expected) if expected != found => {
                Err(TrustError::Rewritten { path: self.path().to_path_buf(), expected, found })
            }
            Some(_) | None => Ok(()),
        }
    }
}

struct Loaded {
    /// Open, so that no other file gets its identity.
    _original: Arc<File>,
    copy: SealedCopy,
}

fn loaded() -> MutexGuard<'static, HashMap<FileIdentity, Loaded>> {
    static LOADED: LazyLock<Mutex<HashMap<FileIdentity, Loaded>>> = LazyLock::new(Mutex::default);
    LOADED.lock().unwrap_or_else(PoisonError::into_inner)
}
