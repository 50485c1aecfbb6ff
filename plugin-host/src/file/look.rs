//! One look at a path: enough to say whether its file is open already, and whether it is one that may be opened.
#![forbid(unsafe_code)]

use std::{
    borrow::Cow,
    fs::{self, FileType, Metadata},
    path::Path,
};

use super::FileIdentity;

/// A path, and what it led to when it was looked at.
#[derive(Debug)]
pub(crate) struct Look<'p> {
    path: Cow<'p, Path>,
    /// `None` if there was nothing.
    found: Option<Seen>,
}

/// What counts of a file's status, of which the system tells much more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) identity: FileIdentity,
    pub(super) kind: FileType,
}

impl Seen {
    pub(super) fn of(path: &Path, found: &Metadata) -> Self {
        Self { identity: FileIdentity::of(path, found), kind: found.file_type() }
    }
}

impl<'p> Look<'p> {
    pub(crate) fn at(path: impl Into<Cow<'p, Path>>) -> Self {
        let path = path.into();
        Self { found: fs::metadata(&path).ok().map(|found| Seen::of(&path, &found)), path }
    }

    /// As it was asked for.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// `None` if there was nothing.
    pub(crate) fn identity(&self) -> Option<FileIdentity> {
        self.found.map(|found| found.identity)
    }

    /// Whether the path is that of something which is not a directory, be it only a link that leads nowhere.
    pub(crate) fn is_of_a_file(&self) -> bool {
        match &self.found {
            Some(found) if !found.kind.is_dir() => true,
            Some(_) | None => self.path.symlink_metadata().is_ok_and(|found| !found.is_dir()),
        }
    }

    pub(super) fn found(&self) -> Option<Seen> {
        self.found
    }

    /// The absolute path if it can be told without asking the system for more than the current directory: if it is spelled
    /// in the one way in which a path without links is. Links may be in it all the same.
    pub(crate) fn plain_path(&self) -> Option<Cow<'_, Path>> {
        let bytes = self.path.as_os_str().as_encoded_bytes();
        let mut names = bytes.strip_prefix(b"/").unwrap_or(bytes).split(|byte| *byte == b'/');
        if self.found.is_none() || names.any(|name| matches!(name, b"" | b"." | b"..")) {
            return None;
        }
        if self.path.is_absolute() {
            return Some(Cow::Borrowed(&self.path));
        }
        Some(Cow::Owned(std::env::current_dir().ok()?.join(&self.path)))
    }
}
