//! Signatures by minisign, each in a file beside the plugin's: `libx.so.minisig`.
//!
//! A signature covers the file's bytes and a comment. The comment must name the plugin, its version and its target as the
//! plugin's descriptor does, so that nobody can pass one signed file off as another, or an old one as a new one.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use plugin_core::descriptor::Head;
use semver::Version;

use super::digest::{DigestAlgorithm, Measured};
use super::key::{KeyId, PublicKey};
use super::revocations::Revocations;
use super::{FileError, OpenFile, Trust, TrustError};
use crate::error::OpenError;
use crate::file::{Look, MaxFileSize};
use crate::inspect::Inspected;

/// What the file of a signature is called: the plugin's, and this.
const SUFFIX: &str = ".minisig";

/// The most bytes of such a file; minisign writes comments of at most 8 KiB.
const MAX_SIGNATURE: u64 = 16 << 10;

/// Whose signatures suffice, and what is not accepted although it is signed.
///
/// ```
/// use plugin_host::{PublicKey, Signers, Version};
///
/// let key: PublicKey = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".parse()?;
/// let signers = Signers::new().accepting(key).at_least("codec-lz4", Version::new(1, 2, 0));
/// # Ok::<(), plugin_host::KeyError>(())
/// ```
///
/// To go over to a new key, accept both for a while, then [retire](Self::accepting_until) the old one.
#[derive(Debug, Clone, Default)]
pub struct Signers {
    keys: Vec<Accepted>,
    revocations: Revocations,
}

#[derive(Debug, Clone)]
struct Accepted {
    key: PublicKey,
    /// From when on what it signs does not count.
    until: Option<SystemTime>,
}

impl Signers {
    /// Nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts what this key signs; until it is retired, if that is said here or elsewhere.
    #[must_use]
    pub fn accepting(mut self, key: PublicKey) -> Self {
        self.accept(Accepted { key, until: None });
        self
    }

    /// Accepts what this key signed before it was retired, by the time in the signature's comment.
    ///
    /// Of several times for one key the earliest counts, in whatever order they are given.
    /// The key itself vouches for that time: if somebody else may have the key, [revoke](Self::revoking) it.
    #[must_use]
    pub fn accepting_until(mut self, key: PublicKey, retired: SystemTime) -> Self {
        self.accept(Accepted { key, until: Some(retired) });
        self
    }

    fn accept(&mut self, Accepted { key, until }: Accepted) {
        match self.keys.iter_mut().find(|accepted| accepted.key == key) {
            Some(accepted) => accepted.until = accepted.until.into_iter().chain(until).min(),
            None => self.keys.push(Accepted { key, until }),
        }
    }

    /// Refuses what a list revokes.
    #[must_use]
    pub fn revoking(mut self, revocations: Revocations) -> Self {
        self.revocations.extend(revocations);
        self
    }

    /// Refuses older versions of a plugin, so that nobody can bring back one with a known hole.
    #[must_use]
    pub fn at_least(mut self, plugin: impl Into<String>, version: Version) -> Self {
        self.revocations.add_minimum(plugin.into(), version);
        self
    }

    /// Judges a file as a host that trusts these signers, and loads nothing: for tools.
    ///
    /// # Errors
    ///
    /// The reason why the file would not be trusted, or is no plugin.
    pub fn check(&self, path: impl AsRef<Path>) -> Result<Inspected, OpenError> {
        let trust = Trust { signers: Some(self.clone()), ..Trust::default() };
        trust.inspect(&Look::at(path.as_ref()), MaxFileSize::default(), |_| Ok(()))
    }

    pub(crate) fn extend(&mut self, other: Signers) {
        let Signers { keys, revocations } = other;
        keys.into_iter().for_each(|accepted| self.accept(accepted));
        self.revocations.extend(revocations);
    }

    pub(super) fn need(&self, algorithm: DigestAlgorithm) -> bool {
        self.revocations.has(algorithm)
    }

    /// Reads the signature of a file, if it is by one of the keys. The bytes are still to be verified.
    pub(super) fn signature(&self, file: &OpenFile) -> Result<Signature<'_>, TrustError> {
        let path = file.path();
        let place = signature_file(path);
        let text = read(path, &place)?;
        let malformed = || TrustError::MalformedSignature { path: place.clone() };
        let signature = minisign_verify::Signature::decode(&text).map_err(|_| malformed())?;
        let id = text.lines().nth(1).and_then(KeyId::in_base64).ok_or_else(malformed)?;
        if self.revocations.has_key(id) {
            return Err(TrustError::RevokedKey { path: path.to_path_buf(), key: id });
        }
        match self.keys.iter().find(|accepted| accepted.key.id() == id) {
            Some(signer) => Ok(Signature { signature, signer, signers: self }),
            None => Err(TrustError::UnknownKey {
                path: path.to_path_buf(),
                expected: self.keys.iter().map(|accepted| accepted.key.id()).collect(),
                found: id,
            }),
        }
    }
}

/// Where the signature of a file is.
#[must_use]
pub fn signature_file(path: &Path) -> PathBuf {
    let mut place = path.as_os_str().to_owned();
    place.push(SUFFIX);
    place.into()
}

/// The text of a signature; as careful as with a plugin, since it may lie in the same place.
fn read(path: &Path, place: &Path) -> Result<String, TrustError> {
    let unreadable = |source| TrustError::UnreadableSignature { path: place.to_path_buf(), source };
    let file = OpenFile::open(place).map_err(|error| match error {
        FileError::NotFound { .. } => {
            TrustError::Unsigned { path: path.to_path_buf(), expected: place.to_path_buf() }
        }
        other => unreadable(other),
    })?;
    let malformed = || TrustError::MalformedSignature { path: place.to_path_buf() };
    if file.len() > MAX_SIGNATURE {
        return Err(malformed());
    }
    let mut bytes = Vec::new();
    file.each_chunk(|chunk| bytes.extend_from_slice(chunk))
        .map_err(|source| unreadable(FileError::Io { path: place.to_path_buf(), source }))?;
    String::from_utf8(bytes).map_err(|_| malformed())
}

/// A signature by one of the keys, of bytes that are still to be read.
pub(super) struct Signature<'a> {
    signature: minisign_verify::Signature,
    signer: &'a Accepted,
    signers: &'a Signers,
}

impl Signature<'_> {
    /// What the bytes of the file at `path` are to be given to.
    pub(super) fn verifier(&self, path: &Path) -> Result<minisign_verify::StreamVerifier<'_>, TrustError> {
        use minisign_verify::Error;
        self.signer.key.key.verify_stream(&self.signature).map_err(|error| match error {
            Error::UnsupportedLegacyMode => TrustError::LegacySignature { path: path.to_path_buf() },
            _ => self.forged(path),
        })
    }

    /// What is to be said when the verifier says no.
    pub(super) fn forged(&self, path: &Path) -> TrustError {
        TrustError::Forged { path: path.to_path_buf(), key: self.signer.key.id() }
    }

    /// What the signature claims, once it is verified, unless the signer has taken it back.
    pub(super) fn claim(&self, path: &Path, measured: &Measured) -> Result<Claim, TrustError> {
        let path = || path.to_path_buf();
        if let Some(digest) = self.signers.revocations.of_file(measured) {
            return Err(TrustError::RevokedFile { path: path(), digest });
        }
        let claim = Claim::of(self.signature.trusted_comment());
        if let Some(retired) = self.signer.until {
            let key = self.signer.key.id();
            match claim.signed {
                Some(signed) if signed < retired => {}
                signed => return Err(TrustError::RetiredKey { path: path(), key, retired, signed }),
            }
        }
        Ok(Claim { signers: Some(self.signers.clone()), ..claim })
    }
}

/// What the comment of a verified signature says about the plugin.
#[derive(Debug, Default)]
pub(crate) struct Claim {
    plugin: Option<String>,
    version: Option<String>,
    target: Option<String>,
    signed: Option<SystemTime>,
    signers: Option<Signers>,
}

impl Claim {
    /// Words of the form `name:value`; of a name that is there twice, neither counts.
    fn of(comment: &str) -> Self {
        let word = |name: &str| {
            let mut values = comment
                .split_ascii_whitespace()
                .filter_map(|word| word.strip_prefix(name)?.strip_prefix(':'));
            values.next().filter(|_| values.next().is_none())
        };
        let seconds = word("timestamp").and_then(|seconds| seconds.parse().ok());
        Self {
            plugin: word("plugin").map(str::to_owned),
            version: word("version").map(str::to_owned),
            target: word("target").map(str::to_owned),
            signed: seconds.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
            signers: None,
        }
    }

    /// Whether the file is the plugin that was meant, and not too old.
    pub(crate) fn judge(&self, path: &Path, plugin: &Head<'_>) -> Result<(), TrustError> {
        let Self { plugin: name, version, target, signed: _, signers } = self;
        for (field, found, expected) in [
            ("plugin", name, plugin.name),
            ("version", version, plugin.version),
            ("target", target, plugin.toolchain.target),
        ] {
            if found.as_deref() != Some(expected) {
                return Err(TrustError::Comment {
                    path: path.to_path_buf(),
                    field,
                    expected: expected.to_owned(),
                    found: found.clone(),
                });
            }
        }
        let Some(minimum) = signers.as_ref().and_then(|signers| signers.revocations.minimum(plugin.name))
        else {
            return Ok(());
        };
        match plugin.version.parse::<Version>() {
            Ok(version) if version >= *minimum => Ok(()),
            _ => Err(TrustError::Rollback {
                path: path.to_path_buf(),
                plugin: plugin.name.to_owned(),
                expected: minimum.to_string(),
                found: plugin.version.to_owned(),
            }),
        }
    }
}

/// The comment under which a plugin's file is to be signed: what a host will ask of it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let path = std::env::current_exe()?;
/// if let Ok(inspected) = plugin_host::Inspected::read(path) {
///     let comment = plugin_host::comment_to_sign(inspected.head(), std::time::SystemTime::now());
///     // timestamp:1700000000  plugin:codec-lz4  version:0.1.0  target:x86_64-unknown-linux-gnu
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn comment_to_sign(plugin: &Head<'_>, now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let Head { name, version, toolchain, .. } = plugin;
    format!("timestamp:{seconds}\tplugin:{name}\tversion:{version}\ttarget:{}", toolchain.target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_read_as_words_of_which_none_counts_twice() {
        let claim = Claim::of("timestamp:1700000000\tfile:my lib.so\tplugin:a\tversion:1.0.0 target:t");
        assert_eq!(claim.signed, Some(UNIX_EPOCH + Duration::from_secs(1_700_000_000)));
        assert_eq!(
            [claim.plugin.as_deref(), claim.version.as_deref(), claim.target.as_deref()],
            [Some("a"), Some("1.0.0"), Some("t")]
        );
        let claim = Claim::of("plugin:a plugin:b versions:1 timestamp:-1 timestamp:18446744073709551615");
        assert_eq!((claim.plugin, claim.version, claim.signed), (None, None, None));
    }

    #[test]
    fn a_key_is_retired_by_the_earliest_of_its_times() {
        let key: PublicKey = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".parse().unwrap();
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let until =
            |signers: &Signers| signers.keys.iter().map(|accepted| accepted.until).collect::<Vec<_>>();
        let open = Signers::new().accepting(key.clone());
        assert_eq!(until(&open), [None]);
        let retired = Signers::new().accepting_until(key.clone(), at(2));
        for both in [
            open.clone().accepting_until(key.clone(), at(2)),
            retired.clone().accepting(key.clone()),
            retired.clone().accepting_until(key.clone(), at(3)),
            Signers::new().accepting_until(key.clone(), at(3)).accepting_until(key.clone(), at(2)),
        ] {
            assert_eq!(until(&both), [Some(at(2))]);
        }
        for (mut one, other) in [(open.clone(), retired.clone()), (retired, open)] {
            one.extend(other);
            assert_eq!(until(&one), [Some(at(2))]);
        }
    }

    /// Whatever lies beside a plugin: an answer, and never a panic.
    #[test]
    fn no_signature_file_is_too_strange() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("liba.so");
        std::fs::write(&path, "x").unwrap();
        let good = "untrusted comment: x\n\
            RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=\n\
            trusted comment: timestamp:1633700835\tfile:test\n\
            wLMDjy9FLAuxZ3q4NlEvkgtyhrr0gtTu6KC4KBJdITbbOeAi1zBIYo0v4iTgt8jJpIidRJnp94ABQkJAgAooBQ==\n";
        let key: PublicKey = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".parse().unwrap();
        let signers = Signers::new().accepting(key);
        let judge = |bytes: &[u8]| {
            std::fs::write(signature_file(&path), bytes).unwrap();
            let file = OpenFile::open(&path).unwrap();
            signers.signature(&file).and_then(|signature| signature.verifier(&path).map(drop))
        };
        judge(good.as_bytes()).unwrap();
        for length in 0..good.len() {
            let _ = judge(&good.as_bytes()[..length]);
        }
        for at in 0..good.len() {
            for byte in [0, b'=', b'\n', 0xff] {
                let mut bytes = good.as_bytes().to_vec();
                bytes[at] = byte;
                let _ = judge(&bytes);
            }
        }
        assert!(matches!(judge(&[b'x'; 20_000]), Err(TrustError::MalformedSignature { .. })));
        let legacy = good.replace("RUQ", "RWQ");
        assert!(matches!(judge(legacy.as_bytes()), Err(TrustError::LegacySignature { .. })));
        std::fs::remove_file(signature_file(&path)).unwrap();
        std::fs::create_dir(signature_file(&path)).unwrap();
        let file = OpenFile::open(&path).unwrap();
        assert!(matches!(signers.signature(&file), Err(TrustError::UnreadableSignature { .. })));
    }
}
