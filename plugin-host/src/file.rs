//! Opens a candidate file so that neither its kind nor its size can hurt the host. Judging who may write to it is
//! [`crate::trust`]; reading what is in it is [`crate::object_file`].
//!
//! The file is opened once. Everything later (owner, mode, bytes, the load itself) is asked of this open file, never of
//! its path again, so that a rename in between changes nothing. Where its bytes must not change either, they are those of
//! a copy ([`crate::sealed`]).

#![forbid(unsafe_code)]

mod error;
mod look;

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::sealed::SealedCopy;
pub use error::{FileError, IrregularKind};
pub(crate) use look::Look;
use look::Seen;

/// The most bytes a file may have that is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MaxFileSize(pub(crate) u64);

impl Default for MaxFileSize {
    /// A stripped plugin has some hundred kilobytes, one with its debug information some ten megabytes; what is above this
    /// is a mistake, and a digest of it would take a second.
    fn default() -> Self {
        Self(256 << 20)
    }
}

/// An open regular file, neither empty nor larger than it may be.
#[derive(Debug)]
pub(crate) struct OpenFile {
    file: Arc<File>,
    /// Whose bytes are read and loaded instead of the file's.
    copy: Option<SealedCopy>,
    path: PathBuf,
    identity: FileIdentity,
    #[cfg(unix)]
    is_what_was_seen: bool,
    len: u64,
    #[cfg(unix)]
    owner: u32,
    #[cfg(unix)]
    mode: u32,
}

impl OpenFile {
    /// [`open_within`](Self::open_within) the default size.
    pub(crate) fn open(path: &Path) -> Result<OpenFile, FileError> {
        OpenFile::open_within(path, MaxFileSize::default())
    }

    /// Resolves every link in `path` and opens what it leads to, for reading.
    pub(crate) fn open_within(path: &Path, limit: MaxFileSize) -> Result<OpenFile, FileError> {
        let look = Look::at(path);
        match OpenFile::open_unless_linked(&look, limit) {
            Some(opened) => Ok(opened),
            None => OpenFile::open_seen(resolve(path)?, &look, limit),
        }
    }

    /// Opens a path without links. To resolve one takes a system call for each of its parts; whether a link is in it, the
    /// system says when it opens it.
    #[cfg(unix)]
    fn open_unless_linked(look: &Look<'_>, limit: MaxFileSize) -> Option<OpenFile> {
        let open = |path: &Path| Ok(resolving(rustix::fs::CWD, path, false)?);
        OpenFile::open_by(look.plain_path()?.into_owned(), Some(look), limit, open).ok()
    }

    #[cfg(not(unix))]
    fn open_unless_linked(_look: &Look<'_>, _limit: MaxFileSize) -> Option<OpenFile> {
        None
    }

    /// Opens what is at a path without links; a link that came there since is not followed.
    pub(crate) fn open_resolved(resolved: PathBuf, limit: MaxFileSize) -> Result<OpenFile, FileError> {
        OpenFile::open_by(resolved, None, limit, open_read_only)
    }

    /// As [`open_resolved`](Self::open_resolved), for what was looked at by another path.
    pub(crate) fn open_seen(
        resolved: PathBuf,
        look: &Look<'_>,
        limit: MaxFileSize,
    ) -> Result<OpenFile, FileError> {
        OpenFile::open_by(resolved, Some(look), limit, open_read_only)
    }

    /// The file that stands as the standard input of this program.
    pub(crate) fn standard_input() -> Result<OpenFile, FileError> {
        #[cfg(unix)]
        let opened = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned().map(File::from);
        #[cfg(not(unix))]
        let opened = Err(io::ErrorKind::Unsupported.into());
        OpenFile::open_by(PathBuf::from("/dev/stdin"), None, MaxFileSize::default(), |_| opened)
    }

    /// Opens what is at a path without links below `directory`, which has the rest of the path as its name: what lies
    /// outside of the directory is not opened, whatever happens to its name or to those below it.
    #[cfg(unix)]
    pub(crate) fn open_beneath(
        directory: std::os::fd::BorrowedFd<'_>,
        relative: &Path,
        resolved: PathBuf,
        look: &Look<'_>,
        limit: MaxFileSize,
    ) -> Result<OpenFile, FileError> {
        OpenFile::open_by(resolved, Some(look), limit, |_| open_in(directory, relative))
    }

    /// As [`open_beneath`](Self::open_beneath), for a path of which nobody knows whether links are in it: then it fails.
    #[cfg(unix)]
    pub(crate) fn open_beneath_unless_linked(
        directory: std::os::fd::BorrowedFd<'_>,
        relative: &Path,
        path: PathBuf,
        look: &Look<'_>,
        limit: MaxFileSize,
    ) -> Result<OpenFile, FileError> {
        let open = |_: &Path| Ok(resolving(directory, relative, true)?);
        OpenFile::open_by(path, Some(look), limit, open)
    }

    fn open_by(
        resolved: PathBuf,
        look: Option<&Look<'_>>,
        limit: MaxFileSize,
        open: impl FnOnce(&Path) -> io::Result<File>,
    ) -> Result<OpenFile, FileError> {
        // Looked at before it is opened, because opening some devices already does something (a tape rewinds, a
        // watchdog arms); and again afterwards, because what is there may have been replaced meanwhile.
        match look.and_then(Look::found) {
            Some(seen) => judge(&resolved, seen, limit)?,
            None => {
                let found =
                    std::fs::metadata(&resolved).map_err(|source| FileError::from_io(&resolved, source))?;
                judge(&resolved, Seen::of(&resolved, &found), limit)?;
            }
        }
        let file = open(&resolved).map_err(|source| FileError::from_io(&resolved, source))?;
        let opened = file.metadata().map_err(|source| FileError::from_io(&resolved, source))?;
        let seen = Seen::of(&resolved, &opened);
        judge(&resolved, seen, limit)?;
        let identity = seen.identity;
        Ok(OpenFile {
            identity,
            #[cfg(unix)]
            is_what_was_seen: look.and_then(Look::identity) == Some(identity),
            len: opened.len(),
            #[cfg(unix)]
            owner: std::os::unix::fs::MetadataExt::uid(&opened),
            #[cfg(unix)]
            mode: std::os::unix::fs::MetadataExt::mode(&opened) & 0o7777,
            file: Arc::new(file),
            copy: None,
            path: resolved,
        })
    }

    /// What the bytes are read and loaded from: the open file, or its sealed copy.
    pub(crate) fn file(&self) -> &File {
        self.copy.as_ref().map_or(&self.file, SealedCopy::file)
    }

    /// Where it can be loaded by a path: the copy's, if there is a copy, which may have none.
    pub(crate) fn place(&self) -> Option<&Path> {
        self.copy.as_ref().map_or(Some(&self.path), SealedCopy::path)
    }

    /// Which file is loaded: the copy, if there is one.
    pub(crate) fn loaded_identity(&self) -> FileIdentity {
        self.copy.as_ref().map_or(self.identity, SealedCopy::identity)
    }

    /// The open file itself.
    pub(crate) fn original(&self) -> &Arc<File> {
        &self.file
    }

    /// The copy, if the bytes are those of one.
    pub(crate) fn copy(&self) -> Option<&SealedCopy> {
        self.copy.as_ref()
    }

    /// This file with the bytes of a copy, of which there are `len`.
    pub(crate) fn with_copy(self, copy: SealedCopy, len: u64) -> OpenFile {
        OpenFile { copy: Some(copy), len, ..self }
    }

    /// Whether the bytes are still those that were there when the file was opened, as far as its size and the time of its
    /// last change tell. Those of a copy cannot change.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.copy.is_some()
            || FileIdentity::of_open(&self.path, &self.file).is_ok_and(|now| now == self.identity)
    }

    /// Whether the file system lets anybody run code from it.
    pub(crate) fn may_be_mapped_executable(&self) -> bool {
        is_on_executable_mount(&self.file)
    }

    /// Reads all of it, from the beginning, in pieces.
    pub(crate) fn each_chunk(&self, take: impl FnMut(&[u8])) -> io::Result<()> {
        each_chunk(self.file(), self.len, take)
    }

    /// The path with every link resolved, as it was when the file was opened.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Which file this is, however its path is spelled.
    pub(crate) fn identity(&self) -> FileIdentity {
        self.identity
    }

    /// Whether it is the file that was found when its path was looked at, before it was opened.
    #[cfg(unix)]
    pub(crate) fn is_what_was_seen(&self) -> bool {
        self.is_what_was_seen
    }

    /// The size in bytes when it was opened, or when it was copied.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// The user who owns the open file.
    #[cfg(unix)]
    pub(crate) fn owner(&self) -> u32 {
        self.owner
    }

    /// The permission bits of the open file.
    #[cfg(unix)]
    pub(crate) fn mode(&self) -> u32 {
        self.mode
    }

    /// `second` with the descriptor of `first`, for tests of what a descriptor number that is used again leads to.
    #[cfg(test)]
    pub(crate) fn reusing(first: OpenFile, second: &OpenFile) -> OpenFile {
        OpenFile { identity: second.identity, path: second.path.clone(), len: second.len, ..first }
    }
}

/// Enough that reading costs more than asking for it, little enough to stay in the cache.
const CHUNK: usize = 64 << 10;

/// Reads the first `len` bytes of a file, in pieces.
pub(crate) fn each_chunk(file: &File, len: u64, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    let mut offset = 0;
    while offset < len {
        let left = usize::try_from(len.saturating_sub(offset)).unwrap_or(CHUNK);
        let chunk = buffer.get_mut(..left.min(CHUNK)).unwrap_or_default();
        read_exact_at(file, chunk, offset)?;
        take(chunk);
        offset = offset.saturating_add(chunk.len() as u64);
    }
    Ok(())
}

/// The path with every link resolved.
pub(crate) fn resolve(path: &Path) -> Result<PathBuf, FileError> {
    std::fs::canonicalize(path).map_err(|source| FileError::from_io(path, source))
}

/// Which file this is, however its path is spelled; another one if it was replaced or written to.
///
/// # Platform-specific behaviour
///
/// On Unix: device and inode. Elsewhere a hash of the resolved path: two hard links to one file are two files there.
/// Everywhere the length and the time of the last modification, too: both change when a file is written to, and tell a file
/// from one that has its inode after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileIdentity {
    place: (u64, u64),
    len: u64,
    modified: (i64, i64),
}

impl FileIdentity {
    /// The identity of what `path` leads to now.
    pub(crate) fn at(path: &Path) -> io::Result<FileIdentity> {
        std::fs::metadata(path).map(|found| FileIdentity::of(path, &found))
    }

    /// Whether it is the same file as another one, which may have been written to since.
    pub(crate) fn is_at_the_place_of(&self, other: &FileIdentity) -> bool {
        self.place == other.place
    }

    /// The identity of an open file at a path.
    pub(crate) fn of_open(path: &Path, file: &File) -> io::Result<FileIdentity> {
        file.metadata().map(|found| FileIdentity::of(path, &found))
    }

    #[cfg(unix)]
    fn of(_resolved: &Path, metadata: &Metadata) -> FileIdentity {
        use std::os::unix::fs::MetadataExt;
        FileIdentity {
            place: (metadata.dev(), metadata.ino()),
            len: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }

    #[cfg(not(unix))]
    fn of(resolved: &Path, metadata: &Metadata) -> FileIdentity {
        use std::{
            hash::{DefaultHasher, Hash, Hasher},
            time::UNIX_EPOCH,
        };
        let mut hasher = DefaultHasher::new();
        resolved.hash(&mut hasher);
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = modified.unwrap_or_default();
        FileIdentity {
            place: (0, hasher.finish()),
            len: metadata.len(),
            modified: (modified.as_secs().cast_signed(), i64::from(modified.subsec_nanos())),
        }
    }
}

fn judge(
    path: &Path,
    Seen { identity: FileIdentity { len, .. }, kind }: Seen,
    MaxFileSize(limit): MaxFileSize,
) -> Result<(), FileError> {
    let path = || path.to_path_buf();
    if kind.is_dir() {
        Err(FileError::Directory { path: path() })
    } else if !kind.is_file() {
        Err(FileError::NotRegular { path: path(), found: IrregularKind::of(kind) })
    } else if len == 0 {
        Err(FileError::Empty { path: path() })
    } else if len > limit {
        Err(FileError::TooLarge { path: path(), limit, found: len })
    } else {
        Ok(())
    }
}

/// `NONBLOCK`: a pipe put there after the first look cannot hang the open. `NOFOLLOW`: neither can a link lead it
/// elsewhere. `NOCTTY`: a terminal does not become ours.
#[cfg(unix)]
const HARMLESS: rustix::fs::OFlags = rustix::fs::OFlags::RDONLY
    .union(rustix::fs::OFlags::CLOEXEC)
    .union(rustix::fs::OFlags::NONBLOCK)
    .union(rustix::fs::OFlags::NOFOLLOW)
    .union(rustix::fs::OFlags::NOCTTY);

#[cfg(unix)]
fn open_read_only(path: &Path) -> io::Result<File> {
    open_without_links(rustix::fs::CWD, path, false)
}

#[cfg(unix)]
fn open_in(directory: std::os::fd::BorrowedFd<'_>, relative: &Path) -> io::Result<File> {
    open_without_links(directory, relative, true)
}

/// No link in any part of the path. Where the kernel cannot promise that (other than Linux, before 5.6, or under a filter that
/// does not know the call), only the last part is sure.
#[cfg(unix)]
fn open_without_links(
    directory: std::os::fd::BorrowedFd<'_>,
    path: &Path,
    beneath: bool,
) -> io::Result<File> {
    use rustix::{
        fs::{Mode, openat},
        io::Errno,
    };
    match resolving(directory, path, beneath) {
        Err(Errno::NOSYS | Errno::PERM) => Ok(openat(directory, path, HARMLESS, Mode::empty())?.into()),
        opened => Ok(opened?),
    }
}

/// Opens a path that leads through no link, and if so asked not out of the directory, by the kernel's word.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn resolving(directory: std::os::fd::BorrowedFd<'_>, path: &Path, beneath: bool) -> rustix::io::Result<File> {
    use rustix::fs::{Mode, ResolveFlags, openat2};
    let mut resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    resolve.set(ResolveFlags::BENEATH, beneath);
    openat2(directory, path, HARMLESS, Mode::empty(), resolve).map(File::from)
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn resolving(
    _directory: std::os::fd::BorrowedFd<'_>,
    _path: &Path,
    _beneath: bool,
) -> rustix::io::Result<File> {
    Err(rustix::io::Errno::NOSYS)
}

/// Others may read it meanwhile, but neither write nor delete or rename it: what is read is what is loaded.
#[cfg(windows)]
fn open_read_only(path: &Path) -> io::Result<File> {
    use std::os::windows::fs::OpenOptionsExt;
    const FILE_SHARE_READ: u32 = 1;
    std::fs::OpenOptions::new().read(true).share_mode(FILE_SHARE_READ).open(path)
}

#[cfg(unix)]
fn is_on_executable_mount(file: &File) -> bool {
    use rustix::fs::StatVfsMountFlags;
    // What cannot be asked is left to the system's loader.
    rustix::fs::fstatvfs(file).map_or(true, |mount| !mount.f_flag.contains(StatVfsMountFlags::NOEXEC))
}

#[cfg(windows)]
fn is_on_executable_mount(_file: &File) -> bool {
    true
}

/// The first `len` bytes of a file, in memory that is not written to before.
#[cfg(unix)]
pub(crate) fn beginning(file: &File, len: usize) -> io::Result<Vec<u8>> {
    use rustix::{buffer::spare_capacity, io::Errno};
    let mut bytes = Vec::with_capacity(len);
    while bytes.len() < len {
        let offset = bytes.len() as u64;
        match rustix::io::pread(file, spare_capacity(&mut bytes), offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    bytes.truncate(len);
    Ok(bytes)
}

#[cfg(not(unix))]
pub(crate) fn beginning(file: &File, len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; len];
    read_exact_at(file, &mut bytes, 0).map(|()| bytes)
}

#[cfg(unix)]
pub(crate) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
pub(crate) fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, buffer, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer = buffer.get_mut(read..).unwrap_or_default();
        offset = offset.saturating_add(read as u64);
    }
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_plugin_file_is_refused_by_its_kind() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("empty"), b"").unwrap();
        let MaxFileSize(limit) = MaxFileSize::default();
        File::create(at("large")).unwrap().set_len(limit + 1).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            at("fifo"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        std::os::unix::fs::symlink("fifo", at("link-to-fifo")).unwrap();
        std::os::unix::fs::symlink("loop", at("loop")).unwrap();

        let refused = |path: PathBuf| OpenFile::open(&path).unwrap_err();
        assert!(matches!(refused(at("missing")), FileError::NotFound { .. }));
        assert!(matches!(refused(at("")), FileError::Directory { .. }));
        assert!(matches!(refused(at("empty")), FileError::Empty { .. }));
        assert!(matches!(refused(at("large")), FileError::TooLarge { limit: stated, found, .. }
            if stated == limit && found == limit + 1));
        OpenFile::open_within(&at("large"), MaxFileSize(limit + 1)).unwrap();
        let irregular = |path: PathBuf, kind: IrregularKind| {
            assert!(matches!(refused(path), FileError::NotRegular { found, .. } if found == kind));
        };
        irregular(at("fifo"), IrregularKind::Fifo);
        irregular(at("link-to-fifo"), IrregularKind::Fifo);
        irregular(at("socket"), IrregularKind::Socket);
        irregular("/dev/zero".into(), IrregularKind::CharacterDevice);
        assert!(matches!(refused(at("loop")), FileError::Io { .. }));
        assert!(matches!(refused(at("empty/inside")), FileError::Io { .. }));
    }

    #[test]
    fn one_file_has_one_identity_however_it_is_spelled() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("real");
        std::fs::write(&real, b"x").unwrap();
        std::fs::write(dir.path().join("copy"), b"x").unwrap();
        std::os::unix::fs::symlink("real", dir.path().join("link")).unwrap();

        let direct = OpenFile::open(&real).unwrap();
        let linked = OpenFile::open(&dir.path().join("./link")).unwrap();
        let copied = OpenFile::open(&dir.path().join("copy")).unwrap();
        assert_eq!(direct.identity(), linked.identity());
        assert_eq!(linked.path(), std::fs::canonicalize(&real).unwrap());
        assert_ne!(direct.identity(), copied.identity());
        std::fs::create_dir(dir.path().join("directory")).unwrap();
        std::os::unix::fs::symlink("..", dir.path().join("directory/up")).unwrap();
        for spelled in ["link", "directory/up/real"] {
            let opened = OpenFile::open(&dir.path().join(spelled)).unwrap();
            assert_eq!((opened.path(), opened.identity()), (direct.path(), direct.identity()), "{spelled}");
        }
        assert_eq!((direct.len(), direct.mode() & 0o400), (1, 0o400));
    }
}
