//! Who may write to a plugin file: the answer to "can somebody whom the host does not trust put code there?".
//!
//! Trusted owners are root and the effective user of this process. Permission bits are enough to judge by: where a
//! POSIX access control list grants a right to somebody else, the group bits show its mask.
//!
//! # Platform-specific behaviour
//!
//! Off Unix only the containment of the file in the directory is checked: who may write is up to the directory's
//! access control list, and to whoever declared it trusted.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};

use super::TrustError;
use crate::file::{FileError, Look, MaxFileSize, OpenFile};

#[cfg(not(unix))]
use elsewhere as platform;
#[cfg(unix)]
use unix as platform;

/// A directory whose files may be loaded, because only trusted owners can write to it or to anything it lies in.
///
/// On Unix it is held open: files are opened in what was judged, not in what has its name by then.
#[derive(Debug, Clone)]
pub(crate) struct TrustedDirectory {
    path: PathBuf,
    handle: platform::Handle,
}

impl TrustedDirectory {
    /// Resolves `path` and checks that nobody but a trusted owner can change what it leads to.
    pub(crate) fn declare(path: &Path) -> Result<TrustedDirectory, TrustError> {
        let unresolved = |source| TrustError::Unreadable { path: path.to_path_buf(), source };
        let resolved = std::fs::canonicalize(path).map_err(unresolved)?;
        let handle = match platform::Handle::open(&resolved) {
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
                return Err(TrustError::NotADirectory { path: resolved });
            }
            opened => opened.map_err(unresolved)?,
        };
        let declared = TrustedDirectory { path: resolved, handle };
        for parent in declared.path.ancestors().skip(1) {
            platform::judge_parent(parent)?;
        }
        // Last: from here on nobody else could have put another directory there.
        declared.judge()?;
        Ok(declared)
    }

    /// The directory with every link resolved.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a resolved path lies in it.
    pub(crate) fn holds(&self, resolved: &Path) -> bool {
        resolved.starts_with(&self.path) && resolved != self.path
    }

    /// Opens a file that it [holds](Self::holds), without leaving it.
    pub(crate) fn open(
        &self,
        resolved: PathBuf,
        look: &Look<'_>,
        limit: MaxFileSize,
    ) -> Result<OpenFile, FileError> {
        platform::open(&self.handle, &self.path, resolved, look, limit)
    }

    /// As [`open`](Self::open), for a path that may have links in it: `None` if it has, or if it is not known.
    pub(crate) fn open_unless_linked(
        &self,
        path: PathBuf,
        look: &Look<'_>,
        limit: MaxFileSize,
    ) -> Option<OpenFile> {
        platform::open_unless_linked(&self.handle, &self.path, path, look, limit)
    }

    /// That it is still what was declared, and that nobody else can write to it.
    fn judge(&self) -> Result<(), TrustError> {
        platform::judge_trusted(&self.handle, &self.path)
    }
}

/// Checks that `file` lies in one of the directories, and that only trusted owners can write to it or to a directory on
/// the way: the trusted one and those between.
///
/// These are judged at each call: one that became writable since is refused from then on. What lies above the trusted
/// directory was judged when that was declared; since then it is held open, and another one in its place is refused.
pub(super) fn admit(directories: &[TrustedDirectory], file: &OpenFile) -> Result<(), TrustError> {
    let path = || file.path().to_path_buf();
    let Some(trusted) = directories.iter().find(|directory| directory.holds(file.path())) else {
        let directories: Vec<_> = directories.iter().map(|directory| directory.path.clone()).collect();
        return Err(match directories.as_slice() {
            [] => TrustError::Nothing { path: path() },
            _ => TrustError::Outside { path: path(), directories },
        });
    };
    platform::judge_open_file(file)?;
    let between = file.path().ancestors().skip(1);
    for directory in between.take_while(|directory| *directory != trusted.path) {
        platform::judge_between(&trusted.handle, &trusted.path, directory)?;
    }
    trusted.judge()
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};
    use std::os::unix::fs::MetadataExt;
    use std::sync::Arc;

    use rustix::fs::{AtFlags, Mode, OFlags};

    use super::{FileError, Look, MaxFileSize, OpenFile, Path, PathBuf, TrustError};

    const WRITABLE_BY_OTHERS: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    const ROOT: u32 = 0;

    /// The directory itself. Its inode is not given to another one while this is open.
    #[derive(Debug, Clone)]
    pub(super) struct Handle {
        directory: Arc<OwnedFd>,
        device: u64,
        inode: u64,
    }

    impl Handle {
        pub(super) fn open(resolved: &Path) -> io::Result<Handle> {
            // What is looked up in it needs no right to list it.
            #[cfg(any(target_os = "linux", target_os = "android"))]
            const LOOK_UP: OFlags = OFlags::PATH;
            #[cfg(not(any(target_os = "linux", target_os = "android")))]
            const LOOK_UP: OFlags = OFlags::RDONLY;
            let flags = LOOK_UP | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let directory = std::fs::File::from(rustix::fs::open(resolved, flags, Mode::empty())?);
            let found = directory.metadata()?;
            Ok(Handle { directory: Arc::new(directory.into()), device: found.dev(), inode: found.ino() })
        }
    }

    pub(super) fn open(
        handle: &Handle,
        directory: &Path,
        resolved: PathBuf,
        look: &Look<'_>,
        limit: MaxFileSize,
    ) -> Result<OpenFile, FileError> {
        match resolved.strip_prefix(directory).map(Path::to_path_buf) {
            Ok(relative) => {
                OpenFile::open_beneath(handle.directory.as_fd(), &relative, resolved, look, limit)
            }
            Err(_) => OpenFile::open_seen(resolved, look, limit),
        }
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn open_unless_linked(
        handle: &Handle,
        directory: &Path,
        path: PathBuf,
        look: &Look<'_>,
        limit: MaxFileSize,
    ) -> Option<OpenFile> {
        let relative = path.strip_prefix(directory).ok()?.to_path_buf();
        OpenFile::open_beneath_unless_linked(handle.directory.as_fd(), &relative, path, look, limit).ok()
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn open_unless_linked(
        _handle: &Handle,
        _directory: &Path,
        _path: PathBuf,
        _look: &Look<'_>,
        _limit: MaxFileSize,
    ) -> Option<OpenFile> {
        None
    }

    pub(super) fn judge_open_file(file: &OpenFile) -> Result<(), TrustError> {
        judge(file.path(), file.owner(), file.mode())
    }

    /// The trusted directory. Sticky does not help here: anybody could still add a file.
    pub(super) fn judge_trusted(handle: &Handle, path: &Path) -> Result<(), TrustError> {
        let found = std::fs::symlink_metadata(path)
            .map_err(|source| TrustError::Unreadable { path: path.to_path_buf(), source })?;
        if (found.dev(), found.ino()) != (handle.device, handle.inode) {
            return Err(TrustError::Moved { path: path.to_path_buf() });
        }
        judge(path, found.uid(), found.mode() & 0o7777)
    }

    /// A directory in the trusted one, as that sees it. Sticky does not help here either.
    pub(super) fn judge_between(handle: &Handle, trusted: &Path, path: &Path) -> Result<(), TrustError> {
        let relative = path.strip_prefix(trusted).unwrap_or(path);
        let found = rustix::fs::statat(&handle.directory, relative, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|error| TrustError::Unreadable { path: path.to_path_buf(), source: error.into() })?;
        #[allow(clippy::useless_conversion, reason = "the width of a mode differs between systems")]
        judge(path, found.st_uid, u32::from(found.st_mode) & 0o7777)
    }

    /// A directory above the trusted one. In a sticky one (`/tmp`) others can add entries, but cannot rename or remove
    /// the one that leads to the trusted directory, because that is owned by a trusted owner: it is judged, too.
    pub(super) fn judge_parent(path: &Path) -> Result<(), TrustError> {
        let found = std::fs::symlink_metadata(path)
            .map_err(|source| TrustError::Unreadable { path: path.to_path_buf(), source })?;
        let mode = found.mode() & 0o7777;
        let counted = if mode & STICKY == 0 { mode } else { mode & !WRITABLE_BY_OTHERS };
        judge(path, found.uid(), counted)
    }

    fn judge(path: &Path, owner: u32, mode: u32) -> Result<(), TrustError> {
        let path = || path.to_path_buf();
        let user = rustix::process::geteuid().as_raw();
        if owner != ROOT && owner != user {
            return Err(TrustError::Owner { path: path(), expected: user, found: owner });
        }
        if mode & WRITABLE_BY_OTHERS != 0 {
            return Err(TrustError::Writable {
                path: path(),
                expected: mode & !WRITABLE_BY_OTHERS,
                found: mode,
            });
        }
        Ok(())
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io;

    use super::{FileError, Look, MaxFileSize, OpenFile, Path, PathBuf, TrustError};

    #[derive(Debug, Clone)]
    pub(super) struct Handle;

    impl Handle {
        pub(super) fn open(_resolved: &Path) -> io::Result<Handle> {
            Ok(Handle)
        }
    }

    pub(super) fn open(
        _handle: &Handle,
        _directory: &Path,
        resolved: PathBuf,
        look: &Look<'_>,
        limit: MaxFileSize,
    ) -> Result<OpenFile, FileError> {
        OpenFile::open_seen(resolved, look, limit)
    }

    pub(super) fn open_unless_linked(
        _handle: &Handle,
        _directory: &Path,
        _path: PathBuf,
        _look: &Look<'_>,
        _limit: MaxFileSize,
    ) -> Option<OpenFile> {
        None
    }

    pub(super) fn judge_open_file(_file: &OpenFile) -> Result<(), TrustError> {
        Ok(())
    }

    pub(super) fn judge_trusted(_handle: &Handle, _path: &Path) -> Result<(), TrustError> {
        Ok(())
    }

    pub(super) fn judge_between(_handle: &Handle, _trusted: &Path, _path: &Path) -> Result<(), TrustError> {
        Ok(())
    }

    pub(super) fn judge_parent(_path: &Path) -> Result<(), TrustError> {
        Ok(())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
