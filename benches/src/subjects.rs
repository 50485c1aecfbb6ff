//! The same calls by five ways: through this framework, raw `extern "C"`, `dyn Trait` in this program, and `abi_stable`'s
//! root module and trait object.

mod raw;

use std::cell::RefCell;

use abi_stable::{
    library::RootModule,
    std_types::{RSlice, RStr, RString, RVec},
};
use calls_api::Calls;
use grown_api::Grown;
use peer_api::calls::{CallsRef, ObjectBox};
use plugin_host::{Host, Root};

use crate::{Outcome, plugins::Plugins};
pub(crate) use raw::Raw;

/// How much a buffer takes, and how much is put there.
pub(crate) const BUFFER: usize = 1024;

/// What takes part.
pub(crate) struct Subjects {
    pub(crate) ours: Root<dyn Calls>,
    pub(crate) raw: Raw,
    pub(crate) host: Box<dyn InHost>,
    pub(crate) peer: CallsRef,
    pub(crate) peer_object: ObjectBox,
    /// A plugin that has the newer method.
    pub(crate) grown: Root<dyn Grown>,
    /// One that lacks it.
    pub(crate) grown_old: Root<dyn Grown>,
    /// A buffer of the caller's, large enough.
    pub(crate) buffer: RefCell<RVec<u8>>,
}

impl Subjects {
    pub(crate) fn load(plugins: &Plugins) -> Outcome<Self> {
        // SAFETY: the directory holds what was built there from this repository.
        let host = unsafe { Host::trusting_dir(plugins.directory()) }?;
        let peer = CallsRef::load_from_file(&plugins.library("peer")).map_err(|error| error.to_string())?;
        Ok(Self {
            ours: host.open_root::<dyn Calls>("calls")?,
            raw: Raw::load(&plugins.library("raw"))?,
            host: std::hint::black_box(Box::new(Here)),
            peer,
            peer_object: peer.object()(),
            grown: host.open_root::<dyn Grown>("grown")?,
            grown_old: host.open_root::<dyn Grown>("grown_old")?,
            buffer: RefCell::new(RVec::with_capacity(BUFFER)),
        })
    }
}

/// The calls without any boundary.
pub(crate) trait InHost {
    fn add(&self, left: u64, right: u64) -> u64;
    fn mix(&self, seed: u64) -> u64;
    fn text(&self, name: &str) -> RString;
    fn bytes(&self, input: &[u8]) -> RVec<u8>;
    fn append(&self, output: &mut RVec<u8>, input: &[u8]);
    fn checked(&self, input: &[u8]) -> Result<RVec<u8>, u64>;
}

struct Here;

impl InHost for Here {
    fn add(&self, left: u64, right: u64) -> u64 {
        bodies::add(left, right)
    }

    fn mix(&self, seed: u64) -> u64 {
        bodies::mix(seed)
    }

    fn text(&self, name: &str) -> RString {
        bodies::text(name)
    }

    fn bytes(&self, input: &[u8]) -> RVec<u8> {
        bodies::bytes(input)
    }

    fn append(&self, output: &mut RVec<u8>, input: &[u8]) {
        bodies::append(output, input);
    }

    fn checked(&self, input: &[u8]) -> Result<RVec<u8>, u64> {
        bodies::checked(input)
    }
}

/// A slice as `abi_stable` passes it.
pub(crate) fn slice(bytes: &[u8]) -> RSlice<'_, u8> {
    bytes.into()
}

/// A text as `abi_stable` passes it.
pub(crate) fn text(text: &str) -> RStr<'_> {
    text.into()
}
