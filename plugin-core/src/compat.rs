//! The compatibility rules: what of a plugin does not fit what its host expects, and why.
//!
//! Pure functions over two decoded [`Descriptor`]s, the host's (from
//! [`encode_expected`](crate::descriptor::encode_expected)) and the plugin's. They return every [`Mismatch`], not
//! the first: somebody has to repair the build. None panics, and all are bounded in time and in memory, whatever a
//! descriptor says. Opening a plugin asks [`fits_at_once`] and [`fits_by_digests`], which compare digests and allocate
//! nothing; only when they say no, and [`differs_at_once`] does not see it either, is [`fits`] worth its time, which ends at the
//! first thing that does not; and only when somebody asks why, is [`interface`]. [`judge`] also notes what differs and fits all the same.
//!
//! | item | fits if |
//! |---|---|
//! | build | [`toolchain`] finds the facts equal that the [`ToolchainPolicy`] names |
//! | interface | same id; versions that cargo takes for compatible, either side newer; what the host needs is `Send` and `Sync`; same supertraits |
//! | table of methods | the same methods in the same places; either side may have more at the end: the host those that have a default for older plugins, the plugin any |
//! | method | same name, receiver, lifetimes and signature |
//! | type | same name, arguments, fields, variants and representation, all in the same places |
//! | state | the newer build restores the version that the older saves, and the types fit; [`handover`] |
//! | type that grows | one on both sides; the same fields or variants in the same places; either side may have more at the end: fields with `#[since]`, any variants |
//!
//! Moving a type between modules, visibility, names of arguments and documentation are no part of a descriptor, so they
//! cannot break anything.
#![forbid(unsafe_code)]

mod comparison;
mod fields;
mod growth;
mod interfaces;
mod leaves;
mod mentions;
mod methods;
mod pairing;
mod path;
mod requirements;
mod show;
mod state;
mod toolchains;
mod types;
mod variants;
mod versions;

use core::fmt;

pub use interfaces::{differs_at_once, fits, fits_at_once, fits_by_digests, interface, is_namesake, judge};
pub use requirements::{Offer, display_versions, offer};
pub use show::{
    display_interface, display_method, display_provided, display_text, display_type, future_output,
};
pub use state::{Handover, handover};
pub use toolchains::{ToolchainPolicy, toolchain, toolchain_fits};
pub use types::{symbol, types};
pub use versions::versions_compatible;

#[cfg(doc)]
use crate::descriptor::Descriptor;

/// What came of comparing: fits, fits because of the [notes](Self::notes), or does not fit because of the
/// [mismatches](Self::mismatches).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Everything that does not fit; empty if it fits.
    pub mismatches: Vec<Mismatch>,
    /// Everything that differs and does no harm.
    pub notes: Vec<Note>,
}

impl Verdict {
    /// Whether the plugin fits.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.mismatches.is_empty()
    }
}

/// One thing in which a plugin differs from what its host expects, and why it fits all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What differs, and how to get there, as in a [`Mismatch`].
    pub path: String,
    /// How it differs, and what comes of that: `the plugin lacks it; the host's default runs (since 1.1.0)`.
    pub reason: String,
    /// What to do about it; empty if nothing should be done.
    pub advice: String,
}

/// `{path}: {reason}`; without the advice.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, reason, advice: _ } = self;
        write!(f, "{path}: {reason}")
    }
}

/// One thing in which a plugin differs from what its host expects.
///
/// ```
/// use plugin_core::{Toolchain, compat};
///
/// let host = Toolchain::CURRENT;
/// let plugin = Toolchain { abi_format: 7, ..host };
/// let [mismatch] = &compat::toolchain(&host, &plugin, compat::ToolchainPolicy::Strict)[..] else { panic!() };
/// assert_eq!(mismatch.to_string(), "ABI format of plugin-core: expected 1, found 7");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What differs, and how to get there: `Codec::compress → argument input → Frame.header.size`.
    pub path: String,
    /// What the host expects there: `u32 at offset 8`.
    pub expected: String,
    /// What the plugin has there.
    pub found: String,
    /// What to do about it; empty if that depends on who asks.
    pub advice: String,
}

/// `{path}: expected {expected}, found {found}`; without the advice.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, expected, found, advice: _ } = self;
        if !path.is_empty() {
            write!(f, "{path}: ")?;
        }
        write!(f, "expected {expected}, found {found}")
    }
}
