//! Digests of files: the bytes that somebody vouches for, wherever they lie.

#![forbid(unsafe_code)]

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;

use ct_codecs::{Decoder, Encoder, Hex};
use sha2::Digest as _;

use super::TrustError;
use crate::file::{FileError, OpenFile, each_chunk};

/// How a digest is computed. Both have 256 bits, and nobody is known to find two files of one digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DigestAlgorithm {
    /// SHA-256, which every system has a tool for (`sha256sum`).
    Sha256,
    /// BLAKE3 (`b3sum`).
    Blake3,
}

impl DigestAlgorithm {
    pub(super) const ALL: [Self; 2] = [Self::Sha256, Self::Blake3];

    /// As the tools write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA256",
            Self::Blake3 => "BLAKE3",
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The digest of a file: the algorithm and 32 bytes.
///
/// ```
/// use plugin_host::{Digest, DigestAlgorithm};
///
/// let digest = Digest::of(DigestAlgorithm::Sha256, b"hello");
/// assert_eq!(
///     digest.to_string(),
///     "SHA256 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
/// );
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest {
    algorithm: DigestAlgorithm,
    bytes: [u8; 32],
}

impl Digest {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(algorithm: DigestAlgorithm, bytes: &[u8]) -> Self {
        match algorithm {
            DigestAlgorithm::Sha256 => Self { algorithm, bytes: sha2::Sha256::digest(bytes).into() },
            DigestAlgorithm::Blake3 => Self { algorithm, bytes: blake3::hash(bytes).into() },
        }
    }

    /// The digest of a file, which is opened and bounded as a plugin's is.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is no regular file.
    pub fn of_file(algorithm: DigestAlgorithm, path: impl AsRef<Path>) -> Result<Self, FileError> {
        let file = OpenFile::open(path.as_ref())?;
        Self::of_open(algorithm, file.file(), file.len())
            .map_err(|source| FileError::Io { path: file.path().to_path_buf(), source })
    }

    /// The digest of the first `len` bytes of a file that is open.
    pub(crate) fn of_open(algorithm: DigestAlgorithm, file: &File, len: u64) -> io::Result<Self> {
        match algorithm {
            DigestAlgorithm::Sha256 => {
                let mut hasher = sha2::Sha256::new();
                each_chunk(file, len, |chunk| hasher.update(chunk))?;
                Ok(Self { algorithm, bytes: hasher.finalize().into() })
            }
            DigestAlgorithm::Blake3 => {
                let mut hasher = blake3::Hasher::new();
                each_chunk(file, len, |chunk| {
                    hasher.update(chunk);
                })?;
                Ok(Self { algorithm, bytes: hasher.finalize().into() })
            }
        }
    }

    /// How it was computed.
    #[must_use]
    pub const fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// From 64 hexadecimal digits.
    pub(super) fn from_hex(algorithm: DigestAlgorithm, digits: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let decoded = Hex::decode(&mut bytes, digits, None).ok()?.len();
        (decoded == bytes.len()).then_some(Self { algorithm, bytes })
    }

    /// As 64 hexadecimal digits.
    pub(super) fn hex(&self) -> String {
        Hex::encode_to_string(self.bytes).unwrap_or_default()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.algorithm, self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Which digests of a file somebody asks for; there may be none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    pub(super) sha256: bool,
    pub(super) blake3: bool,
}

/// The digests of one file that were asked for.
pub(super) struct Measured {
    sha256: Option<Digest>,
    blake3: Option<Digest>,
}

impl Measured {
    pub(super) fn of(&self, algorithm: DigestAlgorithm) -> Option<Digest> {
        match algorithm {
            DigestAlgorithm::Sha256 => self.sha256,
            DigestAlgorithm::Blake3 => self.blake3,
        }
    }

    /// The first of them, to be shown.
    pub(super) fn first(&self) -> Option<Digest> {
        self.sha256.or(self.blake3)
    }
}

/// Reads a file once, for every digest that is asked for and for `also`.
pub(super) fn measure(
    file: &OpenFile,
    wanted: Wanted,
    mut also: impl FnMut(&[u8]),
) -> Result<Measured, TrustError> {
    let mut sha256 = wanted.sha256.then(sha2::Sha256::new);
    let mut blake3 = wanted.blake3.then(blake3::Hasher::new);
    file.each_chunk(|chunk| {
        if let Some(hasher) = &mut sha256 {
            hasher.update(chunk);
        }
        if let Some(hasher) = &mut blake3 {
            hasher.update(chunk);
        }
        also(chunk);
    })
    .map_err(|source| TrustError::NotCopied { path: file.path().to_path_buf(), source })?;
    let digest = |algorithm, bytes| Digest { algorithm, bytes };
    Ok(Measured {
        sha256: sha256.map(|hasher| digest(DigestAlgorithm::Sha256, hasher.finalize().into())),
        blake3: blake3.map(|hasher| digest(DigestAlgorithm::Blake3, hasher.finalize().into())),
    })
}
