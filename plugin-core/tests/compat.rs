//! What fits, what does not, and the exact words for it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers as well"
)]

#[path = "compat/build.rs"]
mod build;
#[path = "compat/digests.rs"]
mod digests;
#[path = "compat/growth.rs"]
mod growth;
#[path = "compat/hostile.rs"]
mod hostile;
#[path = "compat/interfaces.rs"]
mod interfaces;
#[path = "compat/mentions.rs"]
mod mentions;
#[path = "compat/requirements.rs"]
mod requirements;
#[path = "compat/state.rs"]
mod state;
#[path = "compat/symbols.rs"]
mod symbols;
#[path = "compat/toolchains.rs"]
mod toolchains;
#[path = "compat/types.rs"]
mod types;
#[path = "compat/variants.rs"]
mod variants;

use plugin_core::{
    InterfaceLayout, TypeLayout,
    compat::{self, Mismatch},
    descriptor::{Descriptor, encode_expected},
};

/// Compares two interfaces as descriptors, and wants exactly these mismatches.
#[track_caller]
fn check(host: &'static InterfaceLayout, plugin: &'static InterfaceLayout, expected: &[&str]) {
    let found = compare(host, plugin);
    let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(lines, expected, "\n{}\n", lines.join("\n"));
    assert!(found.iter().all(|mismatch| !mismatch.advice.is_empty()), "{found:#?}");
}

/// The same for two types of an argument, in either direction.
#[track_caller]
fn check_types(host: &'static TypeLayout, plugin: &'static TypeLayout, expected: &[&str], reverse: &[&str]) {
    let host = build::taking(host);
    let plugin = build::taking(plugin);
    check(host, plugin, expected);
    check(plugin, host, reverse);
}

#[track_caller]
fn compare(host: &'static InterfaceLayout, plugin: &'static InterfaceLayout) -> Vec<Mismatch> {
    let bytes = [host, plugin].map(|side| encode_expected(Box::leak(Box::new([side])), &[]));
    let [one, other] = bytes.each_ref().map(|bytes| Descriptor::decode(bytes).unwrap());
    let entries = (one.provides().next().unwrap(), other.provides().next().unwrap());
    let found = compat::interface((&one, entries.0), (&other, entries.1));
    let fits = compat::fits((&one, entries.0), (&other, entries.1));
    assert_eq!(fits, found.is_empty(), "the answer without words is that of the words: {found:#?}");
    if compat::differs_at_once((&one, entries.0), (&other, entries.1)) {
        assert!(!fits, "what differs at once fits");
    }
    let digests = [compat::fits_by_digests(&one, &other), compat::fits_by_digests(&other, &one)];
    if digests.contains(&true) {
        assert_eq!(found, [], "equal digests of everything that is reached");
    }
    if compat::fits_at_once(host, &other, entries.1) {
        assert_eq!(found, [], "the fast answer is that it fits");
    } else {
        // An equal digest says nothing of the interfaces that are mentioned.
        let mentions = host.methods.iter().any(|method| method.signature.mentions_interfaces());
        assert!(mentions || !found.is_empty() || host.fingerprint != plugin.fingerprint);
    }
    found
}
