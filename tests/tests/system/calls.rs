//! Calls into an accepted plugin: values, errors, loans, state.

use integration::Stage;
use probe_api::{Counter, Frame, Header, Probe, ProbeError};

use crate::fixture;

const FRAME: Frame = Frame { header: Header { flags: 0, size: 0 }, width: 30, height: 20 };

#[test]
fn values_errors_and_loans_cross() {
    let stage = Stage::with(&fixture("probe-original"));
    let plugin = stage.host().open("probe-original").unwrap();
    let probe = plugin.root::<dyn Probe>().unwrap();
    assert_eq!(probe.area(&FRAME), 600);
    assert_eq!(probe.within(FRAME, 600), Ok(600));
    assert_eq!(probe.within(FRAME, 599), Err(ProbeError::TooLarge { limit: 599 }));
    let mut values = vec![1, 2, 3];
    probe.double(&mut values);
    assert_eq!(values, [2, 4, 6]);
    // The vector came back as one of this library: it grows here.
    values.extend(0..100);
    assert_eq!((values.len(), values.capacity() >= 103), (103, true));
}

#[test]
fn objects_with_state_are_made_anew() {
    let stage = Stage::with(&fixture("probe-original"));
    let plugin = stage.host().open("probe-original").unwrap();
    let mut first = plugin.instantiate::<dyn Counter>().unwrap();
    let mut second = plugin.instantiate::<dyn Counter>().unwrap();
    assert_eq!((first.count(), first.count(), second.count()), (1, 2, 1));
}

#[test]
fn a_root_is_shared_between_threads() {
    let stage = Stage::with(&fixture("probe-original"));
    let probe = stage.host().open_root::<dyn Probe>("probe-original").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let probe = probe.clone();
            scope.spawn(move || assert_eq!(probe.area(&FRAME), 600));
        }
    });
}
