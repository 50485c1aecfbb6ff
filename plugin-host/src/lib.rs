//! Opens, verifies and calls plugins built with `plugin-core`.
//!
//! Writing a plugin or an interface? You want `plugin-core`.
//!
//! ```no_run
//! use plugin_host::Host;
//! # use plugin_core::plugin_interface;
//! # #[plugin_interface]
//! # pub trait Codec: Send + Sync { fn compress(&self, input: &[u8]) -> Vec<u8>; }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // SAFETY: only our installer writes to this directory, and we trust what it installs.
//! let host = unsafe { Host::trusting_dir("plugins") }?;
//! let plugin = host.expecting::<dyn Codec>().open("lz4")?;
//! let codec = plugin.root::<dyn Codec>()?;
//! let packed = codec.compress(b"some bytes");
//! # Ok(())
//! # }
//! ```
//!
//! A file goes through four stages, each a type of its own: a path is read as [`Inspected`], judged as [`Verified`],
//! loaded as [`Plugin`], and bound as [`Root`]. Nothing of the file runs before it is loaded, and only what was verified
//! can be loaded.

mod decode;
mod error;
mod expected;
mod file;
mod find;
mod handles;
mod holders;
mod host;
mod index;
mod inspect;
mod library;
mod linked;
mod loaded;
mod logs;
mod lookup;
mod needed;
mod object_file;
mod opened;
mod plugin;
mod probe;
mod refusal;
mod registry;
mod requirements;
mod root;
mod sealed;
mod shared;
mod slot;
mod start;
mod steps;
mod subject;
mod thread;
mod trust;
mod uses;
mod verify;
mod view;

pub use error::{OpenError, report};
pub use file::{FileError, FileIdentity, IrregularKind};
pub use holders::{Holder, HolderKind};
pub use host::{
    DependencyFailed, Event, EventKind, Events, Host, LoadFailure, LoadPlan, LoadReport, Reason, Reload,
    ReloadError, RequirementCycle, RequirementStep,
};
pub use index::{Candidate, Description, Index};
pub use inspect::{InspectError, Inspected};
pub use library::LoadError;
pub use linked::{Linked, record_panic};
pub use logs::refresh_log_levels;
pub use lookup::{LookupError, Optional};
pub use object_file::{Hazard, ObjectError, ObjectFormat, UnsupportedKind};
pub use opened::NameTaken;
pub use plugin::{Plugin, Stale, SymbolInfo};
pub use plugin_core::{
    ExportedFunction as Function,
    compat::{Mismatch, Note, ToolchainPolicy},
    descriptor::SymbolKind,
};
pub use plugin_macros::{link, symbol};
pub use probe::{Probe, ProbeError, answer_probe};
pub use refusal::Refusal;
pub use registry::CycleStep;
pub use requirements::{OtherProvider, Unmet, UnmetRequirements};
pub use root::{Root, RootError, ShutdownError};
pub use semver::Version;
pub use shared::Shared;
pub use slot::{Slot, SlotGuard};
pub use trust::{
    Digest, DigestAlgorithm, DigestEntry, DigestList, KeyError, KeyId, LineError, ListError, PublicKey,
    Revocations, Signers, TrustError, comment_to_sign, signature_file,
};
pub use verify::{Verified, check};

/// For tests that change a file between the steps of an open. Not part of the interface.
#[cfg(feature = "test-hooks")]
#[doc(hidden)]
pub mod test_hooks {
    pub use crate::steps::{Step, observe};
}

/// For the expansions of [`symbol!`] and [`link!`]; not part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use plugin_core;

    pub use crate::{linked::LinkedPlugin, lookup::entry_of};
}
