//! Who vouches for a file: a directory that only trusted owners write to, a list of digests, or a signature. Any one that
//! admits the file suffices; what none admits is refused by the reasons of all.
//!
//! Opening the file is [`crate::file`], and copying it to where nobody can change it is [`crate::sealed`].

#![forbid(unsafe_code)]

pub(crate) mod digest;
mod directory;
mod error;
mod list;

use std::path::{Path, PathBuf};

use crate::{
    file::{self, FileError, MaxFileSize, OpenFile},
    steps::{Step, reached},
};
pub use digest::{Digest, DigestAlgorithm};
pub(crate) use directory::TrustedDirectory;
pub use error::TrustError;
pub use list::{DigestEntry, DigestList, LineError, ListError};

/// What a host trusts, and where it looks for plugins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trust {
    pub(crate) directories: Vec<TrustedDirectory>,
    /// Places to look in, which nobody vouches for.
    pub(crate) searched: Vec<PathBuf>,
    /// `None` if digests were not declared to suffice.
    pub(crate) digests: Option<DigestList>,
}

impl Trust {
    /// Where plugins are looked for by their names.
    pub(crate) fn places(&self) -> Vec<&Path> {
        let trusted = self.directories.iter().map(TrustedDirectory::path);
        trusted.chain(self.searched.iter().map(PathBuf::as_path)).collect()
    }

    /// Opens a file: in a trusted directory by what that was when it was declared, whatever took its name since.
    pub(crate) fn open(&self, path: &Path, limit: MaxFileSize) -> Result<OpenFile, FileError> {
        let resolved = file::resolve(path)?;
        reached(Step::Resolved);
        let opened = match self.directories.iter().find(|directory| directory.holds(&resolved)) {
            Some(directory) => directory.open(resolved, limit),
            None => OpenFile::open_resolved(resolved, limit),
        };
        reached(Step::Opened);
        opened
    }

    /// Returns the file whose bytes somebody vouches for: itself, or a copy that nobody can change.
    pub(crate) fn admit(&self, file: OpenFile) -> Result<OpenFile, TrustError> {
        if !file.may_be_mapped_executable() {
            return Err(TrustError::NoExec { path: file.path().to_path_buf() });
        }
        let mut reasons = Vec::new();
        match directory::admit(&self.directories, &file) {
            Ok(()) => return Ok(file),
            Err(reason) => reasons.push(reason),
        }
        let Some(list) = &self.digests else {
            return Err(TrustError::of(reasons));
        };
        // A host without trusted directories has nothing to say about them.
        reasons.retain(|reason| !matches!(reason, TrustError::Nothing { .. }));
        let copy = file.sealed()?;
        reached(Step::Copied);
        let measured = digest::measure(&copy, list.has(DigestAlgorithm::Blake3), |_| {})?;
        let copy = copy.measured(measured.sha256);
        match list.admit(copy.path(), &measured) {
            Ok(()) => return Ok(copy),
            Err(reason) => reasons.push(reason),
        }
        Err(TrustError::of(reasons))
    }
}
