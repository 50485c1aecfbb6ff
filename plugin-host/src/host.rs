//! The host: what it expects, and opening plugins under it.

mod events;
mod graph;
mod limits;
mod linked;
mod load_all;
mod opening;
mod providing;
mod reload;
mod requiring;
mod searching;
mod shutdown_all;
mod trusting;

use std::{fmt, path::Path, sync::Arc, time::Instant};

pub(crate) use events::EventLog;
pub use events::{Event, EventKind, Events, Reason};
pub use load_all::{DependencyFailed, LoadFailure, LoadPlan, LoadReport, RequirementCycle, RequirementStep};
pub(crate) use providing::HostObject;
pub(crate) use requiring::Gathered;

use plugin_core::{Interface, compat::ToolchainPolicy};

use crate::{
    error::OpenError,
    find,
    opened::Opened,
    plugin::Plugin,
    root::Root,
    shared::Shared,
    verify::{Policy, Verified},
};

pub(crate) use opening::Namesake;
pub use reload::{Reload, ReloadError};

/// Opens plugins.
///
/// Cheap to clone; clones share what they opened. Hosts do not disturb each other: each trusts and expects what it was
/// told, has its own plugins open, and shuts them down for itself. Only the libraries are the process's, because the system
/// loads a file once: two hosts that open it get handles on one library, each after checks of its own.
///
/// A host opens one plugin of a name, unless it was told to open several [side by side](Self::side_by_side).
#[derive(Clone)]
pub struct Host {
    policy: Arc<Policy>,
    opened: Arc<Opened>,
    events: EventLog,
}

impl Host {
    fn new(policy: Policy) -> Self {
        Self { policy: Arc::new(policy), opened: Arc::default(), events: EventLog::default() }
    }

    /// This host with another policy on compilers: [`ToolchainPolicy::Strict`] is the default.
    #[must_use]
    pub fn with_toolchain_policy(self, toolchain: ToolchainPolicy) -> Self {
        Self::new(Policy { toolchain, ..Policy::clone(&self.policy) })
    }

    /// This host with an interface that it knows: a plugin that provides it in a form that does not fit is refused by
    /// every open, before it is mapped. Plugins without the interface are not affected.
    #[must_use]
    pub fn expecting<I: ?Sized + Interface>(self) -> Self {
        let mut policy = Policy::clone(&self.policy);
        policy.expected.push(plugin_core::__private::known::<I>());
        Self::new(policy)
    }

    /// This host opening plugins of one name side by side, each from a file of its own: copies of one build, or several
    /// versions. Each has its own statics and its own life. Without this the second is [`OpenError::NameTaken`].
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let host = host.side_by_side();
    /// let (old, new) = (host.open("plugins/1.0/liblz4.so")?, host.open("plugins/1.1/liblz4.so")?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn side_by_side(self) -> Self {
        Self::new(Policy { side_by_side: true, ..Policy::clone(&self.policy) })
    }

    /// Opens a plugin: `lz4` is the one of that name that is [linked](Self::linking) into this program, else it is looked for in
    /// the directories that are [searched](#search) as `liblz4.so`, `lz4.dll` or `liblz4.dylib`; anything with a separator is a
    /// path.
    ///
    /// The first open of a file loads it, runs its `#[init]` and makes its objects; concurrent opens wait for that.
    /// Interfaces are judged before anything is loaded if the host names them, by [`expecting`](Self::expecting) or
    /// [`open_root`](Self::open_root); those it does not name are judged when they are asked for.
    /// Every later open returns the same plugin, however its path is spelled. A failure is not remembered; but a library that
    /// was mapped stays mapped, and each start of a plugin that fails leaves its [`Context`](plugin_core::Context), some
    /// hundred bytes, which `#[init]` may have kept.
    /// It may be called from anywhere: from other plugins' `#[init]`, from a static's initialiser, before `main`.
    ///
    /// # Errors
    ///
    /// The reason why it was not opened; [`OpenError`] says up to where nothing of the file was executed.
    pub fn open(&self, plugin: impl AsRef<Path>) -> Result<Plugin, OpenError> {
        self.open_requiring(plugin.as_ref(), None)
    }

    /// Opens a plugin that must provide the interface `I`, and binds it: a file without it is not mapped.
    ///
    /// ```no_run
    /// # use plugin_core::plugin_interface;
    /// # #[plugin_interface]
    /// # pub trait Codec: Send + Sync { fn compress(&self, input: &[u8]) -> Vec<u8>; }
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let codec = host.open_root::<dyn Codec>("lz4")?;
    /// let packed = codec.compress(b"some bytes");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open).
    pub fn open_root<I>(&self, plugin: impl AsRef<Path>) -> Result<Root<I>, OpenError>
    where
        I: ?Sized + Shared,
    {
        let plugin = self.open_requiring(plugin.as_ref(), Some(plugin_core::__private::known::<I>()))?;
        Ok(plugin.root::<I>()?)
    }

    /// Judges a file as [`open`](Self::open) does, and stops there: nothing of it is executed or mapped. Show what is in
    /// it, ask somebody, and [`load`](Self::load) it.
    ///
    /// # Errors
    ///
    /// The reason why it would not be opened.
    pub fn verify(&self, plugin: impl AsRef<Path>) -> Result<Verified, OpenError> {
        let start = Instant::now();
        self.find(plugin.as_ref())
            .and_then(|found| self.verify_found(found, None))
            .inspect_err(|error| self.refused(plugin.as_ref(), start, error))
    }

    /// Opens a file that this host has verified, as [`open`](Self::open) does: the second half of it.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let verified = host.verify("lz4")?;
    /// println!("loading {} from {}", verified.descriptor()?.name, verified.path().display());
    /// let plugin = host.load(verified)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The reason why it was not opened; [`OpenError::AnotherHost`] if it was verified by another host than this one and
    /// its clones.
    #[expect(clippy::needless_pass_by_value, reason = "a file is verified for one load")]
    pub fn load(&self, verified: Verified) -> Result<Plugin, OpenError> {
        self.load_verified(&verified)
    }

    fn load_verified(&self, verified: &Verified) -> Result<Plugin, OpenError> {
        let namesake = if self.policy.side_by_side { Namesake::Beside } else { Namesake::Alone };
        self.load_with(verified, namesake)
    }

    fn find<'p>(&self, plugin: &'p Path) -> Result<find::Found<'p>, OpenError> {
        find::plugin(plugin, &self.policy.linked, self.policy.trust.places())
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("trust", &self.policy.trust)
            .field("linked", &self.policy.linked)
            .finish_non_exhaustive()
    }
}
