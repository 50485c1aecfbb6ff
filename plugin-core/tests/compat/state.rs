use plugin_core::{
    Crossing, Toolchain,
    compat::{Handover, handover},
    descriptor::{
        DecodeError, Descriptor, PluginLayout, StateLayout, StateRole, SymbolKind, SymbolLayout, encode_now,
    },
};
use xxhash_rust::const_xxh3::xxh3_64;

use crate::build::{Layout, c, of};

fn save(version: u32, layout: Layout) -> StateLayout {
    StateLayout { role: StateRole::Save, version, layout }
}

fn restore(version: u32, layout: Layout) -> StateLayout {
    StateLayout { role: StateRole::Restore, version, layout }
}

fn plugin(state: &[StateLayout]) -> Vec<u8> {
    encode_now(&PluginLayout {
        name: "counter",
        version: "0.1.0",
        root_symbol: "",
        toolchain: Toolchain::CURRENT,
        provides: &[],
        requires: &[],
        symbols: Box::leak(Box::new([SymbolLayout {
            name: "V",
            kind: SymbolKind::Static,
            lifetimes: "",
            layout: of::<u8>(),
        }])),
        state: state.to_vec().leak(),
    })
}

fn check(old: &[StateLayout], new: &[StateLayout], expected: Result<Handover, &[&str]>) {
    let bytes = [plugin(old), plugin(new)];
    let [old, new] = bytes.each_ref().map(|bytes| Descriptor::decode(bytes).unwrap());
    assert_eq!(old.symbols().len(), 1, "what hands over is not exported");
    match (handover(&old, &new), expected) {
        (Ok(found), Ok(expected)) => assert_eq!(found, expected),
        (Err(found), Err(expected)) => {
            assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
            assert!(found.iter().all(|mismatch| !mismatch.advice.is_empty()), "{found:#?}");
        }
        (found, expected) => panic!("expected {expected:?}, found {found:?}"),
    }
}

#[test]
fn a_state_is_restored_as_the_version_that_was_saved() {
    let (one, two) = (of::<u32>(), of::<u64>());
    let by = |save, restore| Ok(Handover::By { save, restore });
    check(&[save(1, one), restore(1, one)], &[save(1, one), restore(1, one)], by(0, 1));
    check(&[restore(1, one), save(1, one)], &[restore(2, two), restore(1, one), save(2, two)], by(1, 1));
    check(&[save(2, two)], &[restore(2, two), restore(1, one), save(2, two)], by(0, 0));
    check(&[], &[save(1, one), restore(1, one)], Ok(Handover::Nothing));
    check(&[], &[], Ok(Handover::Nothing));
    check(&[save(1, one), restore(1, one)], &[], Ok(Handover::Lost));
    check(
        &[save(3, c("Counts", &[("all", one)]))],
        &[restore(2, two), restore(1, one)],
        Err(&["state: expected version 1 or 2, found version 3 of type `Counts`"]),
    );
}

#[test]
fn a_state_of_another_type_is_refused_by_path() {
    let counts = |ty| c("Counts", &[("all", ty)]);
    let state = |ty| c("State", &[("name", of::<u8>()), ("counts", counts(ty))]);
    check(
        &[save(1, state(of::<u32>()))],
        &[restore(1, state(of::<u64>()))],
        Err(&["state → State.counts.all: expected u64 at offset 0, found u32 at offset 0"]),
    );
    check(&[save(1, of::<u32>())], &[restore(1, of::<u64>())], Err(&["state: expected u64, found u32"]));
}

/// A state of a growing type may be older or newer than what restores it.
#[test]
fn a_state_that_grows_fits_either_way() {
    mod older {
        #[derive(plugin_core::Crossing)]
        #[crossing(growing)]
        #[allow(dead_code, reason = "only its description is of interest")]
        pub(super) struct State {
            hits: u64,
        }
    }
    mod newer {
        #[derive(plugin_core::Crossing)]
        #[crossing(growing)]
        #[allow(dead_code, reason = "only its description is of interest")]
        pub(super) struct State {
            hits: u64,
            #[since("0.2.0")]
            misses: u64,
        }
    }
    let (older, newer) = (of::<<older::State as Crossing>::Abi>(), of::<<newer::State as Crossing>::Abi>());
    let by = Ok(Handover::By { save: 0, restore: 0 });
    check(&[save(1, older)], &[restore(1, newer)], by);
    check(&[save(1, newer)], &[restore(1, older)], by);
}

/// Their addresses follow those of the symbols, so a descriptor in which they do not is none.
#[test]
fn the_states_functions_come_last() {
    let mut bytes = plugin(&[save(1, of::<u8>())]);
    let table = u32::from_le_bytes(bytes[88 + 6 * 8..][..4].try_into().unwrap()) as usize;
    for (at, kind) in [(36, 3_u32), (44 + 36, 2)] {
        bytes[table + at..][..4].copy_from_slice(&kind.to_le_bytes());
    }
    let checksum = xxh3_64(&bytes[16..]);
    bytes[8..16].copy_from_slice(&checksum.to_le_bytes());
    let found = Descriptor::decode(&bytes).unwrap_err();
    assert!(matches!(found, DecodeError::Value { what: "number of states before a symbol", found: 1 }));
}
