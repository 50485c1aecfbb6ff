use core::sync::atomic::{AtomicI64, AtomicU64};

use plugin_core::{
    abi::{RStr, RString},
    compat,
    descriptor::{Descriptor, SymbolKind, SymbolLayout, encode_expected},
};

use crate::build::{Layout, of, signature};

fn function(lifetimes: &'static str, layout: Layout) -> SymbolLayout {
    SymbolLayout { name: "greet", kind: SymbolKind::Function, lifetimes, layout }
}

fn static_of(layout: Layout) -> SymbolLayout {
    SymbolLayout { name: "V", kind: SymbolKind::Static, lifetimes: "", layout }
}

#[track_caller]
fn check(host: SymbolLayout, plugin: SymbolLayout, expected: &[&str], advice: &str) {
    let bytes = [host, plugin].map(|symbol| encode_expected(&[], Box::leak(Box::new([symbol]))));
    let [one, other] = bytes.each_ref().map(|bytes| Descriptor::decode(bytes).unwrap());
    let found = compat::symbol((&one, &one.symbols()[0]), (&other, &other.symbols()[0]));
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    assert!(found.iter().all(|mismatch| mismatch.advice == advice), "{found:?}");
}

#[test]
fn statics() {
    check(static_of(of::<AtomicI64>()), static_of(of::<AtomicI64>()), &[], "");
    check(
        static_of(of::<AtomicI64>()),
        static_of(of::<AtomicU64>()),
        &["V: expected AtomicI64, found AtomicU64"],
        "look it up as what the plugin exports: a static of type `AtomicU64`",
    );
}

#[test]
fn functions() {
    let greet = |argument, result| signature(false, &[("name", argument)], result);
    let (text, string) = (of::<RStr<'_>>(), of::<RString>());
    check(function("'0", greet(text, string)), function("'0", greet(text, string)), &[], "");
    check(
        function("'0", greet(text, string)),
        function("'0 -> '0", greet(text, text)),
        &["greet → result: expected String, found &str"],
        "look it up as what the plugin exports: a function of type `fn(&str) -> &str`",
    );
    check(
        function("", greet(text, string)),
        SymbolLayout { name: "greet", ..static_of(string) },
        &["greet: expected function `fn(&str) -> String`, found static of type `String`"],
        "look it up as what the plugin exports: a static of type `String`",
    );
    check(
        function("", greet(text, string)),
        SymbolLayout { name: "hail", ..function("", greet(text, string)) },
        &["greet: expected `greet`, found `hail`"],
        "look it up as what the plugin exports: a function of type `fn(&str) -> String`",
    );
}
