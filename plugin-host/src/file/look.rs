//! One look at a path: enough to say whether its file is open already, and whether it is one that may be opened.
#![forbid(unsafe_code)]

use std::{
    borrow::Cow,
    fs::{self, Metadata},
    io,
    path::{Component, Path, PathBuf},
};

use super::FileIdentity;

/// A path, and what it led to when it was looked at.
#[derive(Debug)]
pub(crate) struct Look<'p> {
    path: Cow<'p, Path>,
    found: io::Result<Metadata>,
}

impl<'p> Look<'p> {
    pub(crate) fn at(path: impl Into<Cow<'p, Path>>) -> Self {
        let path = path.into();
        Self { found: fs::metadata(&path), path }
    }

    /// As it was asked for.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// `None` if there was nothing.
    pub(crate) fn identity(&self) -> Option<FileIdentity> {
        self.found.as_ref().ok().map(|found| FileIdentity::of(&self.path, found))
    }

    /// Whether the path is that of something which is not a directory, be it only a link that leads nowhere.
    pub(crate) fn is_of_a_file(&self) -> bool {
        match &self.found {
            Ok(found) if !found.is_dir() => true,
            Ok(_) | Err(_) => self.path.symlink_metadata().is_ok_and(|found| !found.is_dir()),
        }
    }

    pub(super) fn found(&self) -> Option<&Metadata> {
        self.found.as_ref().ok()
    }

    /// The absolute path if it can be told without following links that are not in the current directory's: no `..`, and
    /// spelled in one way only. Links may be in it.
    pub(crate) fn plain_path(&self) -> Option<PathBuf> {
        let is_plain = self.path.components().all(|part| match part {
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => true,
            Component::CurDir | Component::ParentDir => false,
        });
        if !is_plain || self.found.is_err() {
            return None;
        }
        let plain: PathBuf = self.path.components().collect();
        if plain.as_os_str() != self.path.as_os_str() {
            return None;
        }
        if plain.is_absolute() { Some(plain) } else { Some(std::env::current_dir().ok()?.join(plain)) }
    }
}
