//! The keys of signers, in minisign's format.

#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ct_codecs::{Base64, Decoder};

use super::text;
use crate::file::FileError;

/// The most bytes of the file of a key, which has a comment and 56 characters.
const MAX_KEY: u64 = 16 << 10;

/// The number by which minisign tells keys apart: 16 hexadecimal digits. It is random, and proves nothing by itself.
///
/// ```
/// let id: plugin_host::KeyId = "E7620F1842B4E81F".parse()?;
/// assert_eq!(id.to_string(), "E7620F1842B4E81F");
/// # Ok::<(), plugin_host::KeyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(u64);

impl KeyId {
    /// The id in the second line of a public key or of a signature, where it stands behind the algorithm.
    pub(super) fn in_base64(line: &str) -> Option<KeyId> {
        let mut bytes = [0; 128];
        let decoded = Base64::decode(&mut bytes, line.trim(), None).ok()?;
        let id = decoded.get(2..10)?.try_into().ok()?;
        Some(KeyId(u64::from_le_bytes(id)))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016X}", self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for KeyId {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let digits = text.len() == 16 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        match u64::from_str_radix(text, 16) {
            Ok(id) if digits => Ok(KeyId(id)),
            _ => Err(KeyError::Id { found: text.to_owned() }),
        }
    }
}

/// A key that verifies signatures: `minisign.pub`.
///
/// ```
/// use plugin_host::PublicKey;
///
/// // The whole file, or only its second line.
/// let key: PublicKey = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".parse()?;
/// assert_eq!(key.id().to_string(), "E7620F1842B4E81F");
/// # Ok::<(), plugin_host::KeyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    pub(super) key: minisign_verify::PublicKey,
    id: KeyId,
}

impl PublicKey {
    /// Reads a key.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is no regular one, is too long, or is no public key.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let path = path.as_ref();
        match text::read(path, MAX_KEY) {
            Ok(text) => text.parse(),
            Err(FileError::TooLarge { path, limit, found }) => Err(KeyError::TooLarge { path, limit, found }),
            Err(source) => Err(KeyError::Unreadable { path: path.to_path_buf(), source }),
        }
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        let line = lines().find(|line| !line.starts_with("untrusted comment:")).unwrap_or_default();
        let malformed = || KeyError::Malformed { found: line.chars().take(80).collect() };
        let key = minisign_verify::PublicKey::from_base64(line).map_err(|_| malformed())?;
        Ok(PublicKey { id: KeyId::in_base64(line).ok_or_else(malformed)?, key })
    }
}

/// Why a key was not read.
#[non_exhaustive]
pub enum KeyError {
    /// The file cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: FileError,
    },
    /// The file has more bytes than one with a key.
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes that are read.
        limit: u64,
        /// The bytes it has.
        found: u64,
    },
    /// It is no public key of minisign.
    Malformed {
        /// The line that should be one.
        found: String,
    },
    /// It is no number of a key.
    Id {
        /// What stands in its place.
        found: String,
    },
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::Unreadable { path, source: _ } => write!(f, "cannot read {}", path.display()),
            KeyError::TooLarge { path, limit, found } => {
                write!(f, "{} has {found} bytes; expected a public key, and at most {limit}", path.display())
            }
            KeyError::Malformed { found } => write!(
                f,
                "expected a public key of minisign, 56 characters that begin with `RW`, found `{}`",
                found.escape_debug()
            ),
            KeyError::Id { found } => {
                write!(f, "expected 16 hexadecimal digits, found `{}`", found.escape_debug())
            }
        }
    }
}

impl Error for KeyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            KeyError::Unreadable { path: _, source } => Some(source),
            KeyError::TooLarge { .. } | KeyError::Malformed { .. } | KeyError::Id { .. } => None,
        }
    }
}
