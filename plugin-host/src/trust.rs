//! Who vouches for a file: a directory that only trusted owners write to, a list of digests, or a signature. Any one that
//! admits the file suffices; what none admits is refused by the reasons of all.
//!
//! Opening the file is [`crate::file`], and copying it to where nobody can change it is [`crate::sealed`].

#![forbid(unsafe_code)]

pub(crate) mod digest;
mod directory;
mod error;
mod key;
mod list;
mod revocations;
mod signature;
mod text;

use std::path::{Path, PathBuf};

use crate::{
    error::OpenError,
    file::{self, FileError, Look, MaxFileSize, OpenFile},
    inspect::{Glance, InspectError, Inspected},
    steps::{Step, reached},
};
pub use digest::{Digest, DigestAlgorithm};
pub(crate) use directory::TrustedDirectory;
pub use error::TrustError;
pub use key::{KeyError, KeyId, PublicKey};
pub use list::{DigestEntry, DigestList, LineError, ListError};
pub use revocations::Revocations;
use signature::{Claim, Signature};
pub use signature::{Signers, comment_to_sign, signature_file};

/// What a host trusts, and where it looks for plugins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trust {
    pub(crate) directories: Vec<TrustedDirectory>,
    /// Places to look in, which nobody vouches for.
    pub(crate) searched: Vec<PathBuf>,
    /// `None` if digests were not declared to suffice.
    pub(crate) digests: Option<DigestList>,
    /// `None` if signatures were not declared to suffice.
    pub(crate) signers: Option<Signers>,
}

impl Trust {
    /// Where plugins are looked for by their names.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Path> + Clone {
        let trusted = self.directories.iter().map(TrustedDirectory::path);
        trusted.chain(self.searched.iter().map(PathBuf::as_path))
    }

    /// Opens a file: in a trusted directory by what that was when it was declared, whatever took its name since.
    fn open(&self, look: &Look<'_>, limit: MaxFileSize) -> Result<OpenFile, FileError> {
        let opened = self.open_file(look, limit);
        reached(Step::Opened);
        opened
    }

    fn open_file(&self, look: &Look<'_>, limit: MaxFileSize) -> Result<OpenFile, FileError> {
        let holding = |path: &Path| self.directories.iter().find(|directory| directory.holds(path));
        // To resolve a path takes a system call for each of its parts. What seems to lie in a trusted directory needs none of
        // them, if there is no link below that, which the system says when it opens the file.
        let plain = look.plain_path().and_then(|path| Some((holding(&path)?, path)));
        let resolved = match plain {
            Some((directory, path)) => {
                reached(Step::Resolved);
                if let Some(opened) = directory.open_unless_linked(path.into_owned(), look, limit) {
                    return Ok(opened);
                }
                file::resolve(look.path())?
            }
            None => {
                let resolved = file::resolve(look.path())?;
                reached(Step::Resolved);
                resolved
            }
        };
        match holding(&resolved) {
            Some(directory) => directory.open(resolved, look, limit),
            None => OpenFile::open_seen(resolved, look, limit),
        }
    }

    /// Returns the file whose bytes somebody vouches for: itself, or a copy that nobody can change. If it was a signer, then
    /// with what the signature claims of the plugin, which is not read yet.
    fn admit(&self, file: OpenFile) -> Result<(OpenFile, Option<Claim>), TrustError> {
        let mut reasons = Vec::new();
        match directory::admit(&self.directories, &file) {
            Ok(()) => return Ok((file, None)),
            Err(reason) => reasons.push(reason),
        }
        if self.digests.is_none() && self.signers.is_none() {
            return Err(TrustError::of(reasons));
        }
        // A host without trusted directories has nothing to say about them.
        reasons.retain(|reason| !matches!(reason, TrustError::Nothing { .. }));
        let signature = self.signers.as_ref().map(|signers| signers.signature(&file)).transpose();
        let signature = signature.unwrap_or_else(|reason| {
            reasons.push(reason);
            None
        });
        if self.digests.is_none() && signature.is_none() {
            // Without copying a file that nobody signed.
            return Err(TrustError::of(reasons));
        }
        self.admit_bytes(file.sealed()?, signature, reasons)
    }

    /// Reads a file as a plugin, if somebody vouches for it, and judges what a signer claims of it, before somebody else judges
    /// what it says.
    pub(crate) fn inspect(
        &self,
        look: &Look<'_>,
        limit: MaxFileSize,
        judge: impl FnOnce(&Glance<'_>) -> Result<(), OpenError>,
    ) -> Result<Inspected, OpenError> {
        let file = self.open(look, limit).map_err(InspectError::from)?;
        let (file, claim) = self.admit(file)?;
        reached(Step::Trusted);
        let inspected = Inspected::read_judging(file, |seen| {
            if let Some(claim) = claim {
                claim.judge(seen.path, seen.head())?;
            }
            judge(seen)
        })?;
        // Last: of a file that is refused anyway nobody needs to ask.
        if !inspected.file.may_be_mapped_executable() {
            return Err(TrustError::NoExec { path: inspected.path().to_path_buf() }.into());
        }
        Ok(inspected)
    }

    /// As [`admit`](Self::admit), for a sealed copy.
    fn admit_bytes(
        &self,
        copy: OpenFile,
        signature: Option<Signature<'_>>,
        mut reasons: Vec<TrustError>,
    ) -> Result<(OpenFile, Option<Claim>), TrustError> {
        reached(Step::Copied);
        let mut verifier = None;
        if let Some(signature) = &signature {
            match signature.verifier(copy.path()) {
                Ok(new) => verifier = Some(new),
                Err(reason) => reasons.push(reason),
            }
        }
        let mut wanted = self.digests.as_ref().map(DigestList::wanted).unwrap_or_default();
        if signature.is_some()
            && let Some(signers) = &self.signers
        {
            wanted.sha256 |= signers.need(DigestAlgorithm::Sha256);
            wanted.blake3 |= signers.need(DigestAlgorithm::Blake3);
        }
        let measured = digest::measure(&copy, wanted, |chunk| {
            if let Some(verifier) = &mut verifier {
                verifier.update(chunk);
            }
        })?;
        match self.digests.as_ref().map(|list| list.admit(copy.path(), &measured)) {
            Some(Ok(())) => return Ok((copy.known_by_its_bytes()?, None)),
            Some(Err(reason)) => reasons.push(reason),
            None => {}
        }
        if let (Some(signature), Some(mut verifier)) = (&signature, verifier) {
            let claim = match verifier.finalize() {
                Ok(()) => signature.claim(copy.path(), &measured),
                Err(_) => Err(signature.forged(copy.path())),
            };
            match claim {
                Ok(claim) => return Ok((copy.known_by_its_bytes()?, Some(claim))),
                Err(reason) => reasons.push(reason),
            }
        }
        Err(TrustError::of(reasons))
    }
}
