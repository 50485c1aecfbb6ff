//! A panic in a plugin is the caller's to handle: an error where there is a place for it, else a panic.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use integration::{Child, Ended, Stage};
use plugin_host::{Plugin, symbol};
use probe_api::{Counter, Frame, Header, Probe, ProbeError};

use crate::fixture;

fn probe(stage: &Stage) -> Plugin {
    stage.host().open("probe-original").unwrap()
}

fn message(panic: Box<dyn Any + Send>) -> String {
    *panic.downcast::<String>().unwrap()
}

#[test]
fn a_method_with_an_error_type_returns_it() {
    let stage = Stage::with(&fixture("probe-original"));
    let probe = probe(&stage).root::<dyn Probe>().unwrap();
    let panicked = |message: &str| Err(ProbeError::Panicked { message: message.into() });
    assert_eq!(probe.panic_as_error("out of luck"), panicked("out of luck"));
    assert_eq!(probe.panic_with_number(), panicked("a panic whose payload is not text"));
    // And the plugin goes on.
    assert_eq!(probe.area(&Frame { header: Header { flags: 0, size: 0 }, width: 2, height: 2 }), 4);
}

#[test]
fn a_method_without_one_panics_in_the_host() {
    let stage = Stage::with(&fixture("probe-original"));
    stage.add(&fixture("lifecycle"));
    let probe = probe(&stage).root::<dyn Probe>().unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| probe.panic("out of luck"))).unwrap_err();
    assert_eq!(message(panic), "out of luck");

    let lifecycle = stage.host().open("lifecycle").unwrap();
    let explode = symbol!(lifecycle, explode: fn(message: &str) -> u32).unwrap();
    assert_eq!(message(catch_unwind(|| explode("boom")).unwrap_err()), "boom");
    assert_eq!(lifecycle.lookup_fn::<fn(u32, u64) -> u64>("add").unwrap().call(1, 2), 3);
}

#[test]
fn a_loan_comes_back_after_a_panic_half_way() {
    let stage = Stage::with(&fixture("probe-original"));
    let probe = probe(&stage).root::<dyn Probe>().unwrap();
    let mut values = vec![1, 2, 3];
    assert!(probe.panic_half_way(&mut values).is_err());
    // What the plugin did before it panicked, as with any `&mut`: an intact vector of this library.
    assert_eq!(values, [1]);
    values.extend(0..1000);
    assert_eq!(values.len(), 1001);
}

#[test]
fn a_panic_in_drop_is_caught_and_goes_on_in_the_host() {
    let stage = Stage::with(&fixture("probe-original"));
    let mut counter = probe(&stage).instantiate::<dyn Counter>().unwrap();
    counter.arm();
    let panic = catch_unwind(AssertUnwindSafe(|| drop(counter))).unwrap_err();
    assert_eq!(message(panic), "dropped while armed");
}

#[test]
fn a_panic_is_printed_once_with_its_location() {
    let child = Child::of("panics::a_panic_is_printed_once_with_its_location").passes(|| {
        let stage = Stage::with(&fixture("probe-original"));
        let probe = probe(&stage).root::<dyn Probe>().unwrap();
        let _ = catch_unwind(AssertUnwindSafe(|| probe.panic("printed once")));
        let _ = probe.panic_as_error("printed as well");
    });
    let Some(Ended { errors, .. }) = child else { return };
    for message in ["printed once", "printed as well"] {
        assert_eq!(errors.matches(message).count(), 1, "{errors}");
    }
    assert_eq!(errors.matches("src/lib.rs:").count(), 2, "{errors}");
}
