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
        self.within(resolved).is_some()
    }

    /// The rest of a resolved path that lies in it.
    fn within<'p>(&self, resolved: &'p Path) -> Option<&'p Path> {
        platform::within(&self.path, resolved).filter(|rest| !rest.as_os_str().is_empty())
    }

    /// Opens a file that it [holds](Self::holds), without leaving it.
    pub(crate) fn open(
        &self,
        resolved: PathBuf,
        look: &Look<'_>,
        limit: MaxFileSize,
    ) -> Result<OpenFile, FileError> {
        match self.within(&resolved).map(Path::to_path_buf) {
            Some(relative) => platform::open(&self.handle, &relative, resolved, look, limit),
            None => OpenFile::open_seen(resolved, look, limit),
        }
    }

    /// As [`open`](Self::open), for a path that may have links in it: `None` if it has, or if it is not known.
    pub(crate) fn open_unless_linked(
        &self,
        path: PathBuf,
        look: &Look<'_>,
        limit: MaxFileSize,
    ) -> Option<OpenFile> {
        let relative = self.within(&path)?.to_path_buf();
        platform::open_unless_linked(&self.handle, &relative, path, look, limit)
    }

    /// That it is still what was declared, and that nobody else can write to it.
    fn judge(&self) -> Result<(), TrustError> {
        platform::judge_trusted(&self.handle, &self.path)
    }

    /// As [`judge`](Self::judge), on the way to a file that was opened in it.
    fn judge_around(&self, file: &OpenFile) -> Result<(), TrustError> {
        platform::judge_around(&self.handle, &self.path, file)
    }
}

/// Checks that `file` lies in one of the directories, and that only trusted owners can write to it or to a directory on
/// the way: the trusted one and those between.
///
/// These are judged at each call: one that became writable since is refused from then on. What lies above the trusted
/// directory was judged when that was declared; since then it is held open, and another one in its place is refused.
pub(super) fn admit<'t>(directories: &'t [TrustedDirectory], file: &OpenFile) -> Result<(), TrustError> {
    let path = || file.path().to_path_buf();
    let holding = |trusted: &'t TrustedDirectory| Some((trusted, trusted.within(file.path())?));
    let Some((trusted, relative)) = directories.iter().find_map(holding) else {
        let directories: Vec<_> = directories.iter().map(|directory| directory.path.clone()).collect();
        return Err(match directories.as_slice() {
            [] => TrustError::Nothing { path: path() },
            _ => TrustError::Outside { path: path(), directories },
        });
    };
    platform::judge_open_file(file)?;
    let between = relative.ancestors().skip(1).take_while(|directory| !directory.as_os_str().is_empty());
    for directory in between {
        platform::judge_between(&trusted.handle, &trusted.path, directory)?;
    }
    trusted.judge_around(file)
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::MetadataExt;
    use std::sync::Arc;

    use rustix::fs::{AtFlags, Mode, OFlags, Stat};

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

    /// Both are spelled as paths without links are.
    pub(super) fn within<'p>(trusted: &Path, resolved: &'p Path) -> Option<&'p Path> {
        let trusted = trusted.as_os_str().as_bytes();
        let rest = resolved.as_os_str().as_bytes().strip_prefix(trusted)?;
        let rest = if trusted.ends_with(b"/") { rest } else { rest.strip_prefix(b"/")? };
        Some(Path::new(OsStr::from_bytes(rest)))
    }

    pub(super) fn open(
        handle: &Handle,
        relative: &Path,
        resolved: PathBuf,
        look: &Look<'_>,
        limit: MaxFileSize,
    ) -> Result<OpenFile, FileError> {
        OpenFile::open_beneath(handle.directory.as_fd(), relative, resolved, look, limit)
    }

    pub(super) fn open_unless_linked(
        handle: &Handle,
        relative: &Path,
        path: PathBuf,
        look: &Look<'_>,
        limit: MaxFileSize,
    ) -> Option<OpenFile> {
        OpenFile::open_beneath_unless_linked(handle.directory.as_fd(), relative, path, look, limit).ok()
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

    /// The trusted directory on the way to a file that was opened in it. The path of the file led to this very file by the name
    /// of the directory, too, so that it is the open directory that is to be judged: that takes no look at its path.
    pub(super) fn judge_around(handle: &Handle, path: &Path, file: &OpenFile) -> Result<(), TrustError> {
        if !file.is_what_was_seen() {
            return judge_trusted(handle, path);
        }
        let found = rustix::fs::fstat(&handle.directory)
            .map_err(|error| TrustError::Unreadable { path: path.to_path_buf(), source: error.into() })?;
        judge(path, found.st_uid, permissions(&found))
    }

    /// A directory in the trusted one, as that sees it. Sticky does not help here either.
    pub(super) fn judge_between(handle: &Handle, trusted: &Path, relative: &Path) -> Result<(), TrustError> {
        let path = || trusted.join(relative);
        let found = rustix::fs::statat(&handle.directory, relative, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|error| TrustError::Unreadable { path: path(), source: error.into() })?;
        judge(&path(), found.st_uid, permissions(&found))
    }

    #[allow(clippy::useless_conversion, reason = "the width of a mode differs between systems")]
    fn permissions(found: &Stat) -> u32 {
        u32::from(found.st_mode) & 0o7777
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
        if owner != ROOT {
            let user = rustix::process::geteuid().as_raw();
            if owner != user {
                return Err(TrustError::Owner { path: path(), expected: user, found: owner });
            }
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

    pub(super) fn within<'p>(trusted: &Path, resolved: &'p Path) -> Option<&'p Path> {
        resolved.strip_prefix(trusted).ok()
    }

    pub(super) fn open(
        _handle: &Handle,
        _relative: &Path,
        resolved: PathBuf,
        look: &Look<'_>,
        limit: MaxFileSize,
    ) -> Result<OpenFile, FileError> {
        OpenFile::open_seen(resolved, look, limit)
    }

    pub(super) fn open_unless_linked(
        _handle: &Handle,
        _relative: &Path,
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

    pub(super) fn judge_around(_handle: &Handle, _path: &Path, _file: &OpenFile) -> Result<(), TrustError> {
        Ok(())
    }

    pub(super) fn judge_between(
        _handle: &Handle,
        _trusted: &Path,
        _relative: &Path,
    ) -> Result<(), TrustError> {
        Ok(())
    }

    pub(super) fn judge_parent(_path: &Path) -> Result<(), TrustError> {
        Ok(())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
