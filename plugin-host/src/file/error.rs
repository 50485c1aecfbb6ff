//! Why a file was not opened.
#![forbid(unsafe_code)]

use std::{
    error::Error,
    fmt,
    fs::FileType,
    io,
    path::{Path, PathBuf},
};

/// Why a file was not opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileError {
    /// Nothing is there.
    NotFound {
        /// The path as given.
        path: PathBuf,
    },
    /// A directory, where a file was expected.
    Directory {
        /// The resolved path.
        path: PathBuf,
    },
    /// Something that could block or answer differently each time it is read.
    NotRegular {
        /// The resolved path.
        path: PathBuf,
        /// What it is.
        found: IrregularKind,
    },
    /// A file of no bytes.
    Empty {
        /// The resolved path.
        path: PathBuf,
    },
    /// More bytes than the host takes.
    TooLarge {
        /// The resolved path.
        path: PathBuf,
        /// The most bytes a plugin may have.
        limit: u64,
        /// The bytes it has.
        found: u64,
    },
    /// The operating system refused.
    Io {
        /// The path that was asked for.
        path: PathBuf,
        /// Its reason.
        source: io::Error,
    },
}

/// What a file that is not a regular one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IrregularKind {
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A block device.
    BlockDevice,
    /// A character device.
    CharacterDevice,
    /// Something else.
    Other,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileError::NotFound { path } => write!(f, "no file at {}", path.display()),
            FileError::Directory { path } => {
                write!(f, "expected a plugin file, found a directory at {}", path.display())
            }
            FileError::NotRegular { path, found } => {
                write!(f, "expected a regular file, found {found} at {}", path.display())
            }
            FileError::Empty { path } => {
                write!(f, "{} is empty; an interrupted build or copy leaves such a file", path.display())
            }
            FileError::TooLarge { path, limit, found } => {
                write!(
                    f,
                    "{} has {found} bytes; expected at most {limit}: strip it, or allow more by `Host::with_max_file_size`",
                    path.display()
                )
            }
            FileError::Io { path, source: _ } => write!(f, "cannot open {}", path.display()),
        }
    }
}

impl Error for FileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            FileError::Io { path: _, source } => Some(source),
            FileError::NotFound { .. }
            | FileError::Directory { .. }
            | FileError::NotRegular { .. }
            | FileError::Empty { .. }
            | FileError::TooLarge { .. } => None,
        }
    }
}

impl fmt::Display for IrregularKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            IrregularKind::Fifo => "a named pipe",
            IrregularKind::Socket => "a socket",
            IrregularKind::BlockDevice => "a block device",
            IrregularKind::CharacterDevice => "a character device",
            IrregularKind::Other => "something else",
        })
    }
}

impl FileError {
    pub(super) fn from_io(path: &Path, source: io::Error) -> FileError {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::NotFound => FileError::NotFound { path },
            _ => FileError::Io { path, source },
        }
    }
}

impl IrregularKind {
    #[cfg(unix)]
    pub(super) fn of(kind: FileType) -> IrregularKind {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            IrregularKind::Fifo
        } else if kind.is_socket() {
            IrregularKind::Socket
        } else if kind.is_block_device() {
            IrregularKind::BlockDevice
        } else if kind.is_char_device() {
            IrregularKind::CharacterDevice
        } else {
            IrregularKind::Other
        }
    }

    #[cfg(not(unix))]
    pub(super) fn of(_kind: FileType) -> IrregularKind {
        IrregularKind::Other
    }
}
