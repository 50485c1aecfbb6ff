//! Starting: in steps that are undone when one fails.

use std::{
    fs,
    sync::atomic::{AtomicU32, Ordering::SeqCst},
};

use integration::Stage;
use plugin_core::{PluginPanic, abi::RVec};
use plugin_host::OpenError;

use crate::{chain, fixture};

#[test]
fn a_failed_start_is_undone_and_can_be_repeated() {
    let stage = Stage::with(&fixture("starting"));
    let host = stage.host();
    let down = stage.write("down", "");
    for _ in 0..2 {
        let error = host.open("starting").unwrap_err();
        assert!(matches!(error, OpenError::Constructor { .. }), "{}", chain(&error));
    }
    fs::remove_file(down).unwrap();
    let plugin = host.open("starting").unwrap();
    let failed = ["init", "first made", "first dropped", "shutdown"];
    let expected: Vec<&str> = [&failed, &failed, &failed[..2]].concat();
    assert_eq!(
        plugin.lookup::<AtomicU32>("WORKERS").unwrap().load(SeqCst),
        1,
        "one for each start that failed ended"
    );
    assert_eq!(plugin.lookup_fn::<fn() -> Vec<String>>("history").unwrap().call(), expected);
}

#[test]
fn a_reference_that_is_kept_crosses_in_the_vocabulary_alone() {
    let stage = Stage::with(&fixture("starting"));
    let plugin = stage.host().open("starting").unwrap();
    assert!(plugin.lookup_fn::<fn(&'static mut RVec<u64>)>("grow").is_err());
    let kept = Box::leak(Box::new(RVec::from(vec![1, 2, 3])));
    assert_eq!(plugin.lookup_fn::<fn(&'static mut RVec<u64>) -> usize>("keep").unwrap().call(kept), 3);
}

#[test]
fn a_panic_has_its_own_location_or_none() {
    let stage = Stage::with(&fixture("starting"));
    let plugin = stage.host().open("starting").unwrap();
    let panic: PluginPanic = plugin.lookup_fn::<fn()>("raise").unwrap().try_call().unwrap_err();
    assert_eq!((panic.message(), panic.location()), ("raised", None));
}
