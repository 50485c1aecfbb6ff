//! What a signer takes back.
//!
//! # The format
//!
//! Text; lines that begin with `#` and empty lines count for nothing.
//!
//! ```text
//! # The laptop with this key was stolen.
//! key E7620F1842B4E81F
//! # Crashes on empty input.
//! SHA256 (libcodec_lz4.so) = 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
//! # All versions before this one have the bug of last week.
//! minimum codec-zstd 1.2.0
//! ```
//!
//! A line with a digest is a line of a [`DigestList`](crate::DigestList), so that one can be moved over.

#![forbid(unsafe_code)]

use std::path::Path;
use std::str::FromStr;

use semver::Version;

use super::digest::{Digest, DigestAlgorithm, Measured};
use super::key::KeyId;
use super::list::{self, LineError, ListError};

/// Keys, files and versions that are not accepted any more, although they are signed.
///
/// ```
/// use plugin_host::Revocations;
///
/// let revocations: Revocations = "\
/// key E7620F1842B4E81F
/// minimum codec-zstd 1.2.0
/// "
/// .parse()?;
///
/// let error = "minimum codec-zstd new".parse::<Revocations>().unwrap_err();
/// assert_eq!(error.to_string(), "line 1: expected a version such as 1.2.0, found `new`");
/// # Ok::<(), plugin_host::ListError>(())
/// ```
///
/// Whoever can change the list can take entries out of it: keep it where only you can write, or compile it in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revocations {
    keys: Vec<KeyId>,
    files: Vec<Digest>,
    minimums: Vec<(String, Version)>,
}

impl Revocations {
    /// Reads a list.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is no regular one or larger than 4 MiB, or has a line that revokes nothing: the error has its
    /// number.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ListError> {
        let path = path.as_ref();
        list::read(path)?.parse().map_err(|error: ListError| error.in_file(path))
    }

    pub(super) fn extend(&mut self, other: Revocations) {
        let Revocations { keys, files, minimums } = other;
        self.keys.extend(keys);
        self.files.extend(files);
        self.minimums.extend(minimums);
    }

    pub(super) fn add_minimum(&mut self, plugin: String, version: Version) {
        self.minimums.push((plugin, version));
    }

    pub(super) fn has(&self, algorithm: DigestAlgorithm) -> bool {
        self.files.iter().any(|digest| digest.algorithm() == algorithm)
    }

    pub(super) fn has_key(&self, key: KeyId) -> bool {
        self.keys.contains(&key)
    }

    pub(super) fn of_file(&self, measured: &Measured) -> Option<Digest> {
        self.files.iter().copied().find(|digest| measured.of(digest.algorithm()) == Some(*digest))
    }

    /// The lowest version of a plugin that is accepted, if some are not.
    pub(super) fn minimum(&self, plugin: &str) -> Option<&Version> {
        self.minimums.iter().filter(|(name, _)| name == plugin).map(|(_, version)| version).max()
    }

    fn line(&mut self, line: &str) -> Result<(), LineError> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match *words {
            ["key", id] => {
                let id = id.parse().map_err(|_| LineError::Key { found: id.to_owned() })?;
                self.keys.push(id);
            }
            ["minimum", plugin, version] => {
                let version =
                    version.parse().map_err(|_| LineError::Version { found: version.to_owned() })?;
                self.add_minimum(plugin.to_owned(), version);
            }
            ["key" | "minimum", ..] => return Err(LineError::Revocation { found: line.to_owned() }),
            _ => {
                let (digest, _) = list::entry(line).map_err(|error| match error {
                    LineError::Syntax { found } => LineError::Revocation { found },
                    other => other,
                })?;
                self.files.push(digest);
            }
        }
        Ok(())
    }
}

impl FromStr for Revocations {
    type Err = ListError;

    fn from_str(text: &str) -> Result<Self, ListError> {
        let mut revocations = Revocations::default();
        for (number, line) in (1..).zip(text.lines().map(str::trim_end)) {
            if !line.is_empty() && !line.starts_with('#') {
                revocations.line(line).map_err(|cause| ListError::line(number, cause))?;
            }
        }
        Ok(revocations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_is_read_and_what_is_none_is_an_error_with_its_number() {
        let digest = Digest::of(DigestAlgorithm::Blake3, b"x");
        let text = format!(
            "# a comment\n\nkey E7620F1842B4E81F\r\nBLAKE3 (liba.so) = {}\nminimum a 1.0.0\nminimum a 1.2.0-rc.1\n",
            digest.hex()
        );
        let revocations: Revocations = text.parse().unwrap();
        assert!(revocations.has_key("e7620f1842b4e81f".parse().unwrap()));
        assert!(revocations.has(DigestAlgorithm::Blake3) && !revocations.has(DigestAlgorithm::Sha256));
        assert_eq!(revocations.minimum("a"), Some(&"1.2.0-rc.1".parse().unwrap()));
        assert_eq!(revocations.minimum("b"), None);

        let check = |line: &str, expected: &str| {
            let error = format!("key E7620F1842B4E81F\n{line}\n").parse::<Revocations>().unwrap_err();
            assert_eq!(error.to_string(), format!("line 2: {expected}"));
        };
        let kinds = "expected `key ID`, `minimum PLUGIN VERSION` or `SHA256 (FILE) = DIGEST`";
        check("keys", &format!("{kinds}, found `keys`"));
        check("key", &format!("{kinds}, found `key`"));
        check("minimum a 1.0.0 b", &format!("{kinds}, found `minimum a 1.0.0 b`"));
        check("key 12", "expected the 16 hexadecimal digits of a key's number, found `12`");
        check("minimum a 1", "expected a version such as 1.2.0, found `1`");
        check("SHA256 (a) = 1", "expected 64 hexadecimal digits, found `1`");
    }
}
