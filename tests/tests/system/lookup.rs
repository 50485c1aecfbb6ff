//! Lookups: the right type finds, everything else says what is there.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::SeqCst};

use integration::Stage;
use plugin_host::{LookupError, Plugin, SymbolKind, symbol};

use crate::{chain, fixture};

fn lifecycle(stage: &Stage) -> Plugin {
    stage.host().open("lifecycle").unwrap()
}

#[test]
fn statics_and_functions_are_found_by_name_and_type() {
    let stage = Stage::with(&fixture("lifecycle"));
    let plugin = lifecycle(&stage);
    assert_eq!(plugin.lookup::<AtomicU32>("STARTED").unwrap().load(SeqCst), 1);
    assert_eq!(plugin.lookup_fn::<fn(u32, u64) -> u64>("add").unwrap().call(40, 2), 42);
    let longer = symbol!(plugin, longer: for<'a> fn(left: &'a str, right: &'a str) -> &'a str).unwrap();
    let text = String::from("longer");
    assert_eq!(longer("short", &text), "longer");
    let symbols: Vec<_> = plugin.symbols().map(|symbol| format!("{}: {}", symbol.name, symbol.ty)).collect();
    assert_eq!(
        symbols,
        [
            "add: fn(u32, u64) -> u64",
            "longer: fn(&str, &str) -> &str",
            "explode: fn(&str) -> u32",
            "STARTED: AtomicU32",
            "STOPPED: AtomicU32",
        ]
    );
}

#[test]
fn three_mistakes_three_errors() {
    let stage = Stage::with(&fixture("lifecycle"));
    let plugin = lifecycle(&stage);

    let error = plugin.lookup::<AtomicI64>("STARTED").unwrap_err();
    let LookupError::WrongType { expected, found, .. } = &error else { panic!("{error:?}") };
    assert_eq!((expected.as_str(), found.as_str()), ("AtomicI64", "AtomicU32"));

    let error = plugin.lookup::<AtomicI64>("add").unwrap_err();
    let LookupError::WrongKind { expected, found, ty, .. } = &error else { panic!("{error:?}") };
    assert_eq!(
        (*expected, *found, ty.as_str()),
        (SymbolKind::Static, SymbolKind::Function, "fn(u32, u64) -> u64")
    );

    let error = plugin.lookup::<AtomicU32>("STARTD").unwrap_err();
    assert!(matches!(error, LookupError::Missing { .. }), "{error:?}");
    assert_eq!(error.suggestion(), Some("STARTED"));
    assert_eq!(
        error.to_string(),
        "plugin lifecycle 0.1.0 exports no `STARTD`; did you mean `STARTED`? It exports: add, longer, explode, STARTED, STOPPED"
    );
}

#[test]
fn a_wrong_type_is_said_once_and_a_wrong_signature_part_by_part() {
    let stage = Stage::with(&fixture("lifecycle"));
    let plugin = lifecycle(&stage);
    for (error, expected) in [
        (
            plugin.lookup::<AtomicI64>("STARTED").unwrap_err(),
            "`STARTED` has another type: expected `AtomicI64`, found `AtomicU32`",
        ),
        (
            plugin.lookup_fn::<fn(u32, u32) -> u64>("add").unwrap_err(),
            "`add` has another type: expected `fn(u32, u32) -> u64`, found `fn(u32, u64) -> u64`
  add → argument 2: expected u32, found u64",
        ),
        (
            plugin.lookup_fn::<fn(u32)>("add").unwrap_err(),
            "`add` has another type: expected `fn(u32)`, found `fn(u32, u64) -> u64`
  add: expected arguments (u32), found arguments (u32, u64)
  add → result: expected (), found u64",
        ),
        (
            plugin.lookup_fn::<unsafe fn(u32, u64) -> u64>("add").unwrap_err(),
            "`add` has another type: expected `unsafe fn(u32, u64) -> u64`, found `fn(u32, u64) -> u64`
  add: expected `unsafe fn`, found safe `fn`",
        ),
        (
            symbol!(plugin, add: fn(left: u32, right: u32) -> u64).map(drop).unwrap_err(),
            "`add` has another type: expected `fn(u32, u32) -> u64`, found `fn(u32, u64) -> u64`
  add → argument right: expected u32, found u64
  help: look it up as what the plugin exports: a function of type `fn(u32, u64) -> u64`",
        ),
        // The result borrows from both arguments in the plugin: a caller who thinks otherwise would outlive one.
        (
            symbol!(plugin, longer: for<'a, 'b> fn(left: &'a str, right: &'b str) -> &'a str)
                .map(drop)
                .unwrap_err(),
            "`longer` has another type: expected `fn(&str, &str) -> &str`, found `fn(&str, &str) -> &str`
  longer: expected lifetimes `'0 '1 -> '0`, found lifetimes `'0 '0 -> '0`
  help: look it up as what the plugin exports: a function of type `fn(&str, &str) -> &str`",
        ),
        (
            plugin.lookup_fn::<fn()>("STARTED").map(drop).unwrap_err(),
            "`STARTED` is a static, expected a function: `AtomicU32`; use `lookup`",
        ),
        (
            plugin.lookup_fn::<fn()>("nothing-like-it").map(drop).unwrap_err(),
            "plugin lifecycle 0.1.0 exports no `nothing-like-it`; it exports: add, longer, explode, STARTED, STOPPED",
        ),
    ] {
        assert_eq!(chain(&error), expected);
    }
}

#[test]
fn arguments_without_a_name_are_called_by_their_place() {
    let stage = Stage::with(&fixture("lifecycle"));
    let plugin = lifecycle(&stage);
    let error = symbol!(plugin, add: fn(u32, u32) -> u64).map(drop).unwrap_err();
    assert!(chain(&error).contains("\n  add → argument 2: expected u32, found u64\n"), "{}", chain(&error));
}
