//! What was obtained from a plugin outlives every handle on it, and its file.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use integration::Stage;
use plugin_host::symbol;
use probe_api::{Counter, Named, Probe};

use crate::fixture;

#[test]
fn objects_text_functions_and_statics_outlive_handles_and_file() {
    let stage = Stage::with(&fixture("probe-original"));
    stage.add(&fixture("lifecycle"));
    let host = stage.host();

    let probe = host.open_root::<dyn Probe>("probe-original").unwrap();
    let mut counter = host.open("probe-original").unwrap().instantiate::<dyn Counter>().unwrap();
    let lifecycle = host.open("lifecycle").unwrap();
    let named = lifecycle.root::<dyn Named>().unwrap();
    let text: &str = named.name();
    let add = lifecycle.lookup_fn::<fn(u32, u64) -> u64>("add").unwrap();
    let longer = symbol!(lifecycle, longer: for<'a> fn(left: &'a str, right: &'a str) -> &'a str).unwrap();
    let started = lifecycle.lookup::<AtomicU32>("STARTED").unwrap();
    let name = named.name().to_owned();

    drop((host, lifecycle));
    let directory = stage.path().to_owned();
    drop(stage);
    assert!(!directory.exists());

    assert_eq!((text, name.as_str(), probe.name()), ("alive", "alive", "plain"));
    assert_eq!((counter.count(), add.call(1, 1), longer("a", "bb")), (1, 2, "bb"));
    assert_eq!(started.load(SeqCst), 1);
}
