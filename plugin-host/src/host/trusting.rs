//! What a host trusts: the declarations by which somebody vouches for code.

use std::path::{Path, PathBuf};

use super::Host;
use crate::{
    trust::{DigestList, Signers, Trust, TrustError, TrustedDirectory},
    verify::Policy,
};

/// # Trust
///
/// Nothing is trusted unless it is declared here. Any one declaration that admits a file suffices.
impl Host {
    /// A host that opens plugins in a directory (and below), and nothing else.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// // SAFETY: only our installer writes to this directory, and we trust what it installs.
    /// let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let plugin = host.open("lz4")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If it is not a directory, or if somebody other than its trusted owner (the effective user, or root) can write to
    /// it or to a directory above it.
    ///
    /// # Safety
    ///
    /// Every plugin in the directory, now and later, is code that you let into your process: it can do whatever your
    /// process can, and no check of this crate makes hostile code harmless. In particular it must have been built by
    /// `plugin-core`'s macros from sound code, and its file must not be changed in place while it is loaded: replace it by
    /// renaming.
    ///
    /// # Platform-specific behaviour
    ///
    /// Owners and modes are checked on Unix, and the directory is held open: one that takes its name later is refused.
    /// Elsewhere only that files lie in the directory.
    pub unsafe fn trusting_dir(directory: impl AsRef<Path>) -> Result<Self, TrustError> {
        let directories = vec![TrustedDirectory::declare(directory.as_ref())?];
        let trust = Trust { directories, ..Trust::default() };
        Ok(Self::new(Policy { trust, ..Policy::default() }))
    }

    /// This host with one more trusted directory; names are searched in the order of trust.
    ///
    /// # Errors
    ///
    /// As for [`trusting_dir`](Self::trusting_dir).
    ///
    /// # Safety
    ///
    /// As for [`trusting_dir`](Self::trusting_dir).
    pub unsafe fn and_dir(self, directory: impl AsRef<Path>) -> Result<Self, TrustError> {
        let directory = TrustedDirectory::declare(directory.as_ref())?;
        Ok(self.with_trust(|trust| trust.directories.push(directory)))
    }

    /// A host that opens plugins whose bytes have one of the digests in a list, wherever they lie.
    ///
    /// The digests are those of the bytes that run: they are taken from a copy that nobody can change any more, and that
    /// copy is inspected and loaded. [`searching`](Self::searching) says where plugins are looked for by name.
    ///
    /// ```no_run
    /// use plugin_host::{DigestList, Host};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// // What was built together with this program. `cargo xtask build-plugins` writes it.
    /// let list: DigestList = "SHA256 (liblz4.so) = 2cf2…".parse()?; // include_str!("…/plugins.lock")
    /// // SAFETY: we built these files, and trust them.
    /// let host = unsafe { Host::trusting_digests(list) }.searching("/usr/lib/app/plugins");
    /// let plugin = host.open("lz4")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Safety
    ///
    /// Every file with one of the digests is code that you let into your process: it can do whatever your process can, and
    /// no check of this crate makes hostile code harmless. In particular it must have been built by `plugin-core`'s macros
    /// from sound code. The libraries that it needs have no digest in the list: the system's loader finds them in its own
    /// places.
    ///
    /// # Platform-specific behaviour
    ///
    /// Linux with glibc: the copy is a sealed `memfd`, and two files are kept open for each plugin. A library that a plugin
    /// looks for beside itself (`$ORIGIN`) is not found, because the copy lies nowhere. Other Unixes: the copy is a file in a
    /// directory of this user's own, which is untested. Windows: the file itself is held open so that nobody writes to it,
    /// which is untested, too.
    #[must_use]
    pub unsafe fn trusting_digests(list: DigestList) -> Self {
        let trust = Trust { digests: Some(list), ..Trust::default() };
        Self::new(Policy { trust, ..Policy::default() })
    }

    /// This host with the digests of one more list.
    ///
    /// # Safety
    ///
    /// As for [`trusting_digests`](Self::trusting_digests).
    #[must_use]
    pub unsafe fn and_digests(self, list: DigestList) -> Self {
        self.with_trust(|trust| trust.digests.get_or_insert_default().extend(list))
    }

    /// A host that opens plugins which one of these signers signed with minisign, wherever they lie. The signature of
    /// `libx.so` is `libx.so.minisig` beside it.
    ///
    /// As with [digests](Self::trusting_digests), the signature is that of the bytes that run. Its comment must name the
    /// plugin, its version and its target as the plugin itself does; `cargo xtask sign` writes it so.
    ///
    /// ```no_run
    /// use plugin_host::{Host, PublicKey, Revocations, Signers, Version};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let key: PublicKey = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".parse()?;
    /// let signers = Signers::new()
    ///     .accepting(key)
    ///     .revoking(Revocations::read("/etc/app/revoked.txt")?)
    ///     .at_least("lz4", Version::new(1, 2, 0));
    /// // SAFETY: we trust whoever has this key.
    /// let host = unsafe { Host::trusting_signers(signers) }.searching("/usr/lib/app/plugins");
    /// let plugin = host.open("lz4")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Safety
    ///
    /// Everything that whoever has one of the keys signs, now and later, is code that you let into your process: it can do
    /// whatever your process can. Else as for [`trusting_digests`](Self::trusting_digests).
    ///
    /// # Platform-specific behaviour
    ///
    /// As for [`trusting_digests`](Self::trusting_digests).
    #[must_use]
    pub unsafe fn trusting_signers(signers: Signers) -> Self {
        let trust = Trust { signers: Some(signers), ..Trust::default() };
        Self::new(Policy { trust, ..Policy::default() })
    }

    /// This host with more signers. What one list of revocations revokes is revoked for all signers.
    ///
    /// # Safety
    ///
    /// As for [`trusting_signers`](Self::trusting_signers).
    #[must_use]
    pub unsafe fn and_signers(self, signers: Signers) -> Self {
        self.with_trust(|trust| trust.signers.get_or_insert_default().extend(signers))
    }

    /// This host with one more directory to look in for plugins, after the trusted ones. Nobody vouches for what is in it:
    /// each file there has to be admitted by its digest or its signature.
    ///
    /// It need not exist: a name is then looked for elsewhere.
    #[must_use]
    pub fn searching(self, directory: impl AsRef<Path>) -> Self {
        let directory = directory.as_ref();
        // As far as the current directory is known, a later change of it changes nothing.
        let directory: PathBuf = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
        self.with_trust(|trust| trust.searched.push(directory))
    }

    fn with_trust(self, change: impl FnOnce(&mut Trust)) -> Self {
        let mut policy = Policy::clone(&self.policy);
        change(&mut policy.trust);
        Self::new(policy)
    }
}
