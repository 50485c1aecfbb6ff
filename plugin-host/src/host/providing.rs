//! Objects that a host provides to the plugins that require their interfaces.

use std::{fmt, sync::Arc};

use plugin_core::{
    __private::share_object,
    RawObject,
    descriptor::{self, DecodeError, Descriptor},
};

use super::Host;
use crate::{
    decode,
    shared::Shared,
    verify::{Known, Policy},
};

/// An object of the host, which plugins may get for as long as the process runs.
#[derive(Clone)]
pub(crate) struct HostObject {
    /// The interface, described as a plugin that provides it would be.
    description: Arc<[u8]>,
    object: RawObject,
}

// SAFETY: `providing` takes objects of interfaces that ask for `Send` and `Sync`.
unsafe impl Send for HostObject {}
// SAFETY: as above.
unsafe impl Sync for HostObject {}

impl HostObject {
    pub(crate) fn descriptor(&self) -> Result<Descriptor<'_>, DecodeError> {
        decode::whole(&self.description)
    }

    pub(crate) fn object(&self) -> RawObject {
        self.object
    }
}

impl fmt::Debug for HostObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostObject").finish_non_exhaustive()
    }
}

impl Host {
    /// This host with an object that it provides: plugins that require the interface get it, before any that other plugins
    /// provide. A later object of an interface takes the place of an earlier one.
    ///
    /// The object is kept until the process ends, since plugins may keep it. It crosses as any `Arc<dyn Interface>` does, so
    /// a plugin that passes it back gives the host its own object.
    ///
    /// ```no_run
    /// # use plugin_core::plugin_interface;
    /// # #[plugin_interface]
    /// # pub trait Clock: Send + Sync { fn now(&self) -> u64; }
    /// use std::sync::Arc;
    ///
    /// struct Ticks;
    ///
    /// impl Clock for Ticks {
    ///     fn now(&self) -> u64 {
    ///         42
    ///     }
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let host = host.providing::<dyn Clock>(Arc::new(Ticks));
    /// let plugin = host.open("stopwatch")?; // `#[export_plugin(requires(dyn Clock))]`
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn providing<I: ?Sized + Shared>(self, object: Arc<I>) -> Self {
        let known: Known = plugin_core::__private::known::<I>();
        let description: Arc<[u8]> = descriptor::encode_expected(known, &[]).into();
        let mut policy = Policy::clone(&self.policy);
        policy.provided.retain(|other| other.description != description);
        policy.provided.push(HostObject { description, object: share_object(object) });
        Self::new(policy)
    }
}
