//! Why nobody vouches for a file: one variant per cause.

#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Digest, FileError, KeyId};

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
    /// There is no signature beside the file.
    Unsigned {
        /// The file.
        path: PathBuf,
        /// Where its signature should be.
        expected: PathBuf,
    },
    /// The signature cannot be opened.
    UnreadableSignature {
        /// The signature.
        path: PathBuf,
        /// Why.
        source: FileError,
    },
    /// The signature is none of minisign's.
    MalformedSignature {
        /// The signature.
        path: PathBuf,
    },
    /// The signature is of the kind that covers the file itself, instead of its hash: hosts verify while they read.
    LegacySignature {
        /// The file.
        path: PathBuf,
    },
    /// The signature is by a key that is not accepted.
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The keys that are accepted.
        expected: Vec<KeyId>,
        /// The key that it is by, if it tells the truth.
        found: KeyId,
    },
    /// The signature is by a key that is revoked.
    RevokedKey {
        /// The file.
        path: PathBuf,
        /// The key.
        key: KeyId,
    },
    /// The signature is from after the time at which its key was retired, or from an unknown one.
    RetiredKey {
        /// The file.
        path: PathBuf,
        /// The key.
        key: KeyId,
        /// When it was retired.
        retired: SystemTime,
        /// When it signed, if the signature says so.
        signed: Option<SystemTime>,
    },
    /// The signature names an accepted key, but is not one of these bytes by that key.
    Forged {
        /// The file.
        path: PathBuf,
        /// The key.
        key: KeyId,
    },
    /// The file is signed, and revoked.
    RevokedFile {
        /// The file.
        path: PathBuf,
        /// Its digest, as the list of revocations has it.
        digest: Digest,
    },
    /// The signature is one of these bytes, but its comment names something else than what the plugin says it is.
    Comment {
        /// The file.
        path: PathBuf,
        /// What is named: the plugin, its version or its target.
        field: &'static str,
        /// What the plugin says.
        expected: String,
        /// What the signature says; `None` if nothing.
        found: Option<String>,
    },
    /// An older version than is accepted.
    Rollback {
        /// The file.
        path: PathBuf,
        /// The plugin.
        plugin: String,
        /// The oldest version that is accepted.
        expected: String,
        /// The plugin's version.
        found: String,
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
            TrustError::Unsigned { path, expected } => write!(
                f,
                "{} is not signed: expected a signature in {}; make one with `cargo xtask sign` or `minisign -S`",
                path.display(),
                expected.display()
            ),
            TrustError::UnreadableSignature { path, source: _ } => {
                write!(f, "cannot read the signature {}", path.display())
            }
            TrustError::MalformedSignature { path } => {
                write!(f, "expected a signature by minisign in {}, found something else", path.display())
            }
            TrustError::LegacySignature { path } => write!(
                f,
                "the signature of {} is of minisign's legacy kind: expected one of the file's hash; sign again without `-l`",
                path.display()
            ),
            TrustError::UnknownKey { path, expected, found } => {
                write!(f, "{} is signed by the key {found}, expected ", path.display())?;
                if expected.is_empty() {
                    write!(f, "one of which there is none")?;
                }
                for (count, key) in expected.iter().enumerate() {
                    let or = if count == 0 { "" } else { " or " };
                    write!(f, "{or}{key}")?;
                }
                write!(f, "; if you trust that key, accept it as well")
            }
            TrustError::RevokedKey { path, key } => write!(
                f,
                "{} is signed by the key {key}, which is revoked; have it signed by another one",
                path.display()
            ),
            TrustError::RetiredKey { path, key, retired, signed } => {
                let seconds =
                    |time: &SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
                let retired = seconds(retired);
                write!(f, "{} is signed by the key {key}, which was retired at {retired}: ", path.display())?;
                match signed {
                    Some(signed) => {
                        write!(f, "expected a signature from before, found one from {}", seconds(signed))?
                    }
                    None => write!(f, "expected a `timestamp:` from before in its comment, found none")?,
                }
                write!(f, "; have it signed by a newer key")
            }
            TrustError::Forged { path, key } => write!(
                f,
                "the signature of {} is not one of these bytes by the key {key}: the file or its signature was changed, or they are of different builds; install both again",
                path.display()
            ),
            TrustError::RevokedFile { path, digest } => {
                write!(f, "{} is revoked by its digest, {digest}; install another version", path.display())
            }
            TrustError::Comment { path, field, expected, found } => {
                write!(
                    f,
                    "the signature of {} is not for this {field}: expected `{field}:{expected}` in its comment, found ",
                    path.display()
                )?;
                match found {
                    Some(found) => write!(f, "`{field}:{}`", found.escape_debug())?,
                    None => write!(f, "none")?,
                }
                write!(f, "; sign the file with `cargo xtask sign`")
            }
            TrustError::Rollback { path, plugin, expected, found } => write!(
                f,
                "{} is {plugin} {found}, which is too old: expected {expected} or newer; install a newer version",
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
            TrustError::UnreadableSignature { path: _, source } => Some(source),
            TrustError::NotADirectory { .. }
            | TrustError::Owner { .. }
            | TrustError::Writable { .. }
            | TrustError::Outside { .. }
            | TrustError::Nothing { .. }
            | TrustError::Moved { .. }
            | TrustError::NoExec { .. }
            | TrustError::Digest { .. }
            | TrustError::Rewritten { .. }
            | TrustError::Unsigned { .. }
            | TrustError::MalformedSignature { .. }
            | TrustError::LegacySignature { .. }
            | TrustError::UnknownKey { .. }
            | TrustError::RevokedKey { .. }
            | TrustError::RetiredKey { .. }
            | TrustError::Forged { .. }
            | TrustError::RevokedFile { .. }
            | TrustError::Comment { .. }
            | TrustError::Rollback { .. }
            | TrustError::ByNone { .. } => None,
        }
    }
}
