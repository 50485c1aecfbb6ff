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
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

#[cfg(windows)]
use held as platform;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
use memfd as platform;
#[cfg(all(unix, not(all(target_os = "linux", target_env = "gnu"))))]
use staged as platform;

use crate::{
    file::{FileIdentity, OpenFile, read_exact_at},
    trust::{Digest, DigestAlgorithm, TrustError},
};

/// The copy, open.
#[derive(Debug, Clone)]
pub(crate) struct SealedCopy {
    file: Arc<File>,
    identity: FileIdentity,
    /// Where it can be loaded by its path; `None` if only through its descriptor.
    path: Option<PathBuf>,
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
        let copy = SealedCopy { file: Arc::new(file), identity, path };
        Ok(self.with_copy(copy, len))
    }

    /// This copy; if its bytes were loaded from the file before, the copy that they were loaded from.
    pub(crate) fn known_by_its_bytes(self) -> Result<OpenFile, TrustError> {
        match self.loaded_copy() {
            Some((loaded, len)) if self.has_the_bytes_of(&loaded, len)? => Ok(self.with_copy(loaded, len)),
            Some(_) | None => Ok(self),
        }
    }

    /// Keeps what has been loaded from a copy.
    pub(crate) fn remember_loaded(&self) {
        if let Some(copy) = self.copy() {
            let original = Arc::clone(self.original());
            loaded()
                .insert(self.identity(), Loaded { _original: original, copy: copy.clone(), len: self.len() });
        }
    }

    /// Checks that the bytes which are open as this file's plugin are the ones that were verified.
    pub(crate) fn is_what_is_open(&self) -> Result<(), TrustError> {
        let (Some(_), Some((loaded, len))) = (self.copy(), self.loaded_copy()) else {
            return Ok(());
        };
        if self.has_the_bytes_of(&loaded, len)? {
            return Ok(());
        }
        // By these somebody who reads the error tells the bytes.
        let digest = |file: &File, len| Digest::of_open(DigestAlgorithm::Sha256, file, len);
        let expected = digest(&loaded.file, len).map_err(|source| self.unreadable(source))?;
        let found = digest(self.file(), self.len()).map_err(|source| self.unreadable(source))?;
        Err(TrustError::Rewritten { path: self.path().to_path_buf(), expected, found })
    }

    /// What was loaded of this file, and its length.
    fn loaded_copy(&self) -> Option<(SealedCopy, u64)> {
        loaded().get(&self.identity()).map(|loaded| (loaded.copy.clone(), loaded.len))
    }

    /// Whether a copy is this one, or equal to it. Nobody can change either, so this is the only comparison that is needed: no
    /// digest is computed to tell them apart.
    fn has_the_bytes_of(&self, other: &SealedCopy, len: u64) -> Result<bool, TrustError> {
        if self.copy().is_some_and(|copy| Arc::ptr_eq(&copy.file, &other.file)) {
            return Ok(true);
        }
        if self.len() != len {
            return Ok(false);
        }
        let (mut offset, mut beside, mut equal) = (0, Vec::new(), Ok(true));
        let read = self.each_chunk(|chunk| {
            if matches!(equal, Ok(true)) {
                beside.resize(chunk.len(), 0);
                equal = read_exact_at(&other.file, &mut beside, offset).map(|()| beside == chunk);
                offset = offset.saturating_add(chunk.len() as u64);
            }
        });
        read.and(equal).map_err(|source| self.unreadable(source))
    }

    fn unreadable(&self, source: io::Error) -> TrustError {
        TrustError::NotCopied { path: self.path().to_path_buf(), source }
    }
}

struct Loaded {
    /// Open, so that no other file gets its identity.
    _original: Arc<File>,
    copy: SealedCopy,
    /// Of the copy.
    len: u64,
}

fn loaded() -> MutexGuard<'static, HashMap<FileIdentity, Loaded>> {
    static LOADED: LazyLock<Mutex<HashMap<FileIdentity, Loaded>>> = LazyLock::new(Mutex::default);
    LOADED.lock().unwrap_or_else(PoisonError::into_inner)
}
