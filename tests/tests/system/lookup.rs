//! Lookups: everything but the right type says what is there. (What the right one finds is in `either_way`.)

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32},
    },
};

use integration::{Stage, patch};
use objects_api::Named;
use plugin_host::{LookupError, Plugin, symbol};

use crate::{chain, fixture};

fn lifecycle(stage: &Stage) -> Plugin {
    stage.host().open("lifecycle").unwrap()
}

/// What is equal by its digest is found; what has to be compared needs the table.
#[test]
fn types_that_cannot_be_read_are_an_error_where_they_are_compared() {
    let stage = Stage::new();
    let broken = patch(&fs::read(fixture("lifecycle")).unwrap(), |descriptor| {
        let types = u32::from_le_bytes(descriptor[88..92].try_into().unwrap()) as usize;
        descriptor[types + 36] = 99;
    });
    let plugin = stage.host().open(stage.write("libbroken.so", broken)).unwrap();
    assert!(plugin.lookup::<AtomicU32>("STARTED").is_ok());
    assert_eq!(plugin.lookup_fn::<fn(u32, u64) -> u64>("add").unwrap().call(1, 2), 3);
    let error = plugin.lookup::<AtomicI64>("STARTED").unwrap_err();
    assert!(matches!(error, LookupError::Unreadable { .. }), "{error:?}");
    assert!(chain(&error).contains("the descriptor gives 99 as shape of a type"), "{error:?}");
    assert!(plugin.descriptor().is_err());
    assert!(plugin.symbols().all(|symbol| symbol.ty.contains("shape of a type")));
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

#[test]
fn a_type_that_was_found_to_fit_does_not_let_another_one_pass() {
    let stage = Stage::with(&fixture("objects"));
    let plugin = stage.host().open("objects").unwrap();
    let wrong = || {
        let found = symbol!(plugin, rename: fn(object: &mut dyn Named, others: Vec<Arc<dyn Named>>) -> Box<dyn Named>);
        assert!(matches!(found.map(drop), Err(LookupError::WrongType { .. })));
    };
    wrong();
    // Interfaces that a type mentions are compared the first time, and this goes by what that has shown.
    for _ in 0..3 {
        let found =
            symbol!(plugin, rename: fn(object: &dyn Named, others: Vec<Arc<dyn Named>>) -> Box<dyn Named>);
        assert!(found.is_ok(), "{:?}", found.map(drop));
        wrong();
    }
}
