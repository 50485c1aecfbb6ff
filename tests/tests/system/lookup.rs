//! Lookups: the right type finds, everything else says what is there.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::SeqCst};

use integration::Stage;
use plugin_host::{LookupError, Plugin, SymbolKind, symbol};

use crate::fixture;

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
fn signatures_are_compared_in_every_part() {
    let stage = Stage::with(&fixture("lifecycle"));
    let plugin = lifecycle(&stage);
    assert!(plugin.lookup_fn::<fn(u32, u32) -> u64>("add").is_err());
    assert!(plugin.lookup_fn::<fn(u32) -> u64>("add").is_err());
    assert!(plugin.lookup_fn::<fn(u32, u64)>("add").is_err());
    assert!(plugin.lookup_fn::<unsafe fn(u32, u64) -> u64>("add").is_err());
    // The result borrows from both arguments in the plugin: a caller who thinks otherwise would outlive one.
    assert!(symbol!(plugin, longer: for<'a, 'b> fn(left: &'a str, right: &'b str) -> &'a str).is_err());
}
