//! Why nobody vouches for a file: one variant per cause.

#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use super::Digest;

/// Why a directory or a file is not trusted.
///
/// Nothing of the file was mapped or executed.
#[non_exhaustive]
pub enum TrustError {
    /// Nothing was declared trusted.
    Nothing {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refused to say what is there.
    Unreadable {
        /// The path that was asked for.
        path: PathBuf,
        /// Its reason.
        source: io::Error,
    },
    /// A file, where a directory was expected.
    NotADirectory {
        /// The resolved path.
        path: PathBuf,
    },
    /// Owned by somebody who is neither root nor the user this process runs as.
    Owner {
        /// The resolved path.
        path: PathBuf,
        /// The user id this process runs as; root is trusted, too.
        expected: u32,
        /// The user id of the owner.
        found: u32,
    },
    /// Its group or everybody may write to it.
    Writable {
        /// The resolved path.
        path: PathBuf,
        /// The permission bits it should have.
        expected: u32,
        /// The permission bits it has.
        found: u32,
    },
    /// The file, with every link resolved, is in no trusted directory.
    Outside {
        /// The resolved file.
        path: PathBuf,
        /// The trusted directories, each resolved; it should be in one of them.
        directories: Vec<PathBuf>,
    },
    /// The trusted directory was renamed or removed since it was declared, and another one has its name.
    Moved {
        /// The path.
        path: PathBuf,
    },
    /// The file system is mounted `noexec`: whoever mounted it wants no code from it to run.
    NoExec {
        /// The file.
        path: PathBuf,
    },
    /// The file is not the one that the list has, or the list has none of its name.
    Digest {
        /// The file.
        path: PathBuf,
        /// The digests that the list has for files of this name; empty if it has none.
        expected: Vec<Digest>,
        /// The file's own digest.
        found: Digest,
    },
    /// The file could not be copied to where nobody can change it.
    NotCopied {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The plugin is open, and its file was changed in place since it was opened.
    Rewritten {
        /// The file.
        path: PathBuf,
        /// The digest of what is open.
        expected: Digest,
        /// The digest of the file now.
        found: Digest,
    },
    /// Several kinds of trust were declared, and none admits the file.
    ByNone {
        /// What each has against it.
        reasons: Vec<TrustError>,
    },
}

impl TrustError {
    /// The one reason, or all of them together.
    pub(super) fn of(mut reasons: Vec<TrustError>) -> TrustError {
        match (reasons.pop(), reasons.is_empty()) {
            (Some(only), true) => only,
            (last, _) => {
                reasons.extend(last);
                TrustError::ByNone { reasons }
            }
        }
    }
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrustError::Unreadable { path, source: _ } => write!(f, "cannot examine {}", path.display()),
            TrustError::NotADirectory { path } => {
                write!(f, "expected a directory, found a file at {}", path.display())
            }
            TrustError::Owner { path, expected, found } => {
                let path = path.display();
                write!(f, "{path} is owned by user {found}, expected ")?;
                match expected {
                    0 => write!(f, "root (0)")?,
                    user => write!(f, "root (0) or user {user}")?,
                }
                write!(f, "; if you trust what is in it, run `chown {expected} {path}`")
            }
            TrustError::Writable { path, expected, found } => {
                let path = path.display();
                write!(
                    f,
                    "{path} can be written by users who are not trusted: its mode is {found:04o}, expected \
                     {expected:04o}; run `chmod go-w {path}`"
                )
            }
            TrustError::Nothing { path } => {
                write!(f, "{} is not trusted: nothing was declared trusted", path.display())
            }
            TrustError::Moved { path } => write!(
                f,
                "{} is not the directory that was declared trusted: another one has taken its name; declare it again if that was you",
                path.display()
            ),
            TrustError::NoExec { path } => write!(
                f,
                "{} is on a file system that is mounted `noexec`, so no code from it may run; install plugins on one that is not",
                path.display()
            ),
            TrustError::Digest { path, expected, found } => {
                write!(f, "the digest of {} is not in the list: found {found}", path.display())?;
                match expected.as_slice() {
                    [] => write!(f, ", expected one for a file of this name, of which there is none")?,
                    [first, others @ ..] => {
                        write!(f, ", expected {first}")?;
                        others.iter().try_for_each(|other| write!(f, " or {other}"))?;
                    }
                }
                write!(f, "; if you trust the file, write the list anew (`cargo xtask build-plugins`)")
            }
            TrustError::NotCopied { path, source: _ } => {
                write!(f, "cannot copy {} to where nobody can change it", path.display())
            }
            TrustError::Rewritten { path, expected, found } => write!(
                f,
                "{} was changed in place since it was opened: expected {expected}, which is open, found {found}; replace plugins by renaming a new file over the old",
                path.display()
            ),
            TrustError::ByNone { reasons } => {
                write!(f, "no kind of trust that was declared admits the file")?;
                reasons.iter().try_for_each(|reason| write!(f, "\n  {reason}"))
            }
            TrustError::Outside { path, directories } => {
                write!(f, "{} is in no trusted directory: expected it in ", path.display())?;
                for (count, directory) in directories.iter().enumerate() {
                    let or = if count == 0 { "" } else { " or " };
                    write!(f, "{or}{}", directory.display())?;
                }
                write!(f, "; if you trust it, copy it there")
            }
        }
    }
}

impl Error for TrustError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            TrustError::Unreadable { path: _, source } | TrustError::NotCopied { path: _, source } => {
                Some(source)
            }
            TrustError::NotADirectory { .. }
            | TrustError::Owner { .. }
            | TrustError::Writable { .. }
            | TrustError::Outside { .. }
            | TrustError::Nothing { .. }
            | TrustError::Moved { .. }
            | TrustError::NoExec { .. }
            | TrustError::Digest { .. }
            | TrustError::Rewritten { .. }
            | TrustError::ByNone { .. } => None,
        }
    }
}
