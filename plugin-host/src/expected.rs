//! What this program expects of plugins, as descriptors: each is encoded and decoded once in the process.
#![forbid(unsafe_code)]

use std::{collections::HashMap, sync::LazyLock};

use arc_swap::ArcSwap;
use foldhash::fast::FixedState;
use plugin_core::descriptor::{self, DecodeError, Descriptor, SymbolLayout};

use crate::{decode, verify::Known};

type Expected = &'static Result<Descriptor<'static>, DecodeError>;

/// The constant that is described: its address, and of symbols, how many there are. Those that begin alike may share an address.
type Place = (usize, Option<usize>);

/// Never freed: a program has as many as it names interfaces and types. Read without a lock, since whoever asks an open plugin
/// for an object reads it, and copied where there is a new one.
static EXPECTED: LazyLock<ArcSwap<HashMap<Place, Expected, FixedState>>> = LazyLock::new(ArcSwap::default);

/// The description of an interface that the host knows, and of all that is reached through it.
pub(crate) fn interface(known: Known) -> Expected {
    once((known.as_ptr().addr(), None), || descriptor::encode_expected(known, &[]))
}

/// The description of symbols that are looked up.
pub(crate) fn symbols(wanted: &'static [SymbolLayout]) -> Expected {
    once((wanted.as_ptr().addr(), Some(wanted.len())), || descriptor::encode_expected(&[], wanted))
}

fn once(place: Place, encode: impl FnOnce() -> Vec<u8>) -> Expected {
    if let Some(known) = EXPECTED.load().get(&place) {
        return known;
    }
    let bytes: &'static [u8] = encode().leak();
    let described: Expected = Box::leak(Box::new(decode::whole(bytes)));
    EXPECTED.rcu(|expected| {
        let mut expected = HashMap::clone(expected);
        // Whoever was faster has described the same.
        expected.entry(place).or_insert(described);
        expected
    });
    described
}
