//! Plugins whose `repr(Rust)` types were shuffled by their compiler, under the policy that goes by layouts: they fit and
//! work, because nothing of `repr(Rust)` crosses.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    time::Duration,
};

use integration::{Profile, Stage, built, nightly, skip};
use plugin_host::{Host, Plugin, ToolchainPolicy, symbol};
use probe_api::{Counter, Frame, Header, Named, Probe, ProbeError};

use crate::{dwarf, fixture};

/// The builds of a fixture with shuffled layouts, which only a nightly compiler makes.
fn randomized(package: &str) -> Vec<PathBuf> {
    let compiler = nightly();
    if compiler.is_none() {
        skip("no nightly compiler is installed");
    }
    compiler.into_iter().map(|compiler| built(compiler, Profile::Randomized, package)).collect()
}

fn lenient(stage: &Stage) -> Host {
    stage.host().with_toolchain_policy(ToolchainPolicy::StableLayout)
}

fn panic_of<R>(call: impl FnOnce() -> R) -> String {
    let panic = catch_unwind(AssertUnwindSafe(call)).err().unwrap();
    *panic.downcast().unwrap()
}

#[test]
fn layouts_are_shuffled_and_recorded_as_they_are() {
    for library in randomized("shapes") {
        assert_ne!(dwarf::shuffled(&library), dwarf::shuffled(&fixture("shapes")));
        dwarf::compare(&library);
    }
}

#[test]
fn a_probe_with_shuffled_layouts_works() {
    for library in randomized("probe") {
        let stage = Stage::with(&library);
        let plugin = lenient(&stage).open("probe").unwrap();
        calls(&plugin);

        let mut first = plugin.instantiate::<dyn Counter>().unwrap();
        let mut second = plugin.instantiate::<dyn Counter>().unwrap();
        assert_eq!((first.count(), first.count(), second.count()), (1, 2, 1));
    }
}

/// Every method of the interface.
fn calls(plugin: &Plugin) {
    const FRAME: Frame = Frame { header: Header { flags: 1, size: 2 }, width: 30, height: 20 };
    let probe = plugin.root::<dyn Probe>().unwrap();
    assert_eq!((probe.name(), probe.level(), probe.area(&FRAME)), ("plain", 9, 600));
    assert_eq!(probe.within(FRAME, 600), Ok(600));
    assert_eq!(probe.within(FRAME, 599), Err(ProbeError::TooLarge { limit: 599 }));

    let mut values = vec![1, 2, 3];
    probe.double(&mut values);
    assert_eq!(values, [2, 4, 6]);
    let panicked = |message: &str| Err(ProbeError::Panicked { message: message.into() });
    assert_eq!(probe.panic_half_way(&mut values), panicked("half-way"));
    assert_eq!(values, [1]);
    values.extend(0..1000);
    assert_eq!(values.len(), 1001);

    assert_eq!(probe.panic_as_error("out of luck"), panicked("out of luck"));
    assert_eq!(probe.panic_with_number(), panicked("a panic whose payload is not text"));
    assert_eq!(panic_of(|| probe.panic("out of luck")), "out of luck");
}

#[test]
fn a_life_with_shuffled_layouts_works() {
    for library in randomized("lifecycle") {
        let stage = Stage::with(&library);
        let plugin = lenient(&stage).open("lifecycle").unwrap();
        let count = |name: &str| plugin.lookup::<AtomicU32>(name).unwrap().load(SeqCst);
        assert_eq!((count("STARTED"), count("STOPPED")), (1, 0));
        assert_eq!(plugin.root::<dyn Named>().unwrap().name(), "alive");

        assert_eq!(plugin.lookup_fn::<fn(u32, u64) -> u64>("add").unwrap().call(1, 2), 3);
        let longer = symbol!(plugin, longer: for<'a> fn(left: &'a str, right: &'a str) -> &'a str).unwrap();
        assert_eq!(longer("shorter", "the longer"), "the longer");
        let explode = symbol!(plugin, explode: fn(message: &str) -> u32).unwrap();
        assert_eq!(panic_of(|| explode("held")), "held");

        plugin.shutdown(Duration::ZERO).unwrap();
        assert_eq!(count("STOPPED"), 1);
    }
}
