//! Several hosts in one process do not disturb each other.

use std::{
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    time::Duration,
};

use integration::Stage;
use plugin_host::{Host, OpenError, Plugin, RootError, ShutdownError};
use probe_api::{Named, Probe};

use crate::fixture;

fn count(plugin: &Plugin, name: &str) -> u32 {
    plugin.lookup::<AtomicU32>(name).unwrap().load(SeqCst)
}

#[test]
fn a_host_is_shared_between_threads() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Host>();
    shared::<Plugin>();
}

#[test]
fn a_plugin_ends_with_the_last_host_that_has_it_open() {
    let stage = Stage::with(&fixture("lifecycle"));
    let (one, other) = (stage.host(), stage.host());
    let (a, b) = (one.open("lifecycle").unwrap(), other.open("lifecycle").unwrap());
    assert_eq!((&a, count(&a, "STARTED")), (&b, 1));
    let named = a.root::<dyn Named>().unwrap();

    a.shutdown(Duration::ZERO).unwrap();
    assert_eq!(count(&a, "STOPPED"), 0);
    assert!(matches!(a.root::<dyn Named>(), Err(RootError::ShutDown { .. })));
    assert!(matches!(a.instantiate::<dyn Named>(), Err(RootError::ShutDown { .. })));
    assert!(matches!(
        one.open_root::<dyn Named>("lifecycle"),
        Err(OpenError::Root(RootError::ShutDown { .. }))
    ));
    assert!(matches!(a.clone().shutdown(Duration::ZERO), Err(ShutdownError::Twice { .. })));
    // What it gave out works on, and the other host goes on as before.
    assert_eq!(named.name(), "alive");
    assert_eq!(b.root::<dyn Named>().unwrap().name(), "alive");
    assert_eq!(other.open_root::<dyn Named>("lifecycle").unwrap().name(), "alive");
    // So does a host that comes later.
    let third = stage.host();
    let c = third.open("lifecycle").unwrap();
    assert_eq!(c.root::<dyn Named>().unwrap().name(), "alive");

    b.shutdown(Duration::ZERO).unwrap();
    assert_eq!(count(&a, "STOPPED"), 0);
    drop(named);
    c.shutdown(Duration::ZERO).unwrap();
    assert_eq!(count(&a, "STOPPED"), 1);
    assert!(matches!(c.shutdown(Duration::ZERO), Err(ShutdownError::Twice { .. })));
    // It does not start again.
    let late = stage.host().open("lifecycle").unwrap();
    assert!(matches!(late.root::<dyn Named>(), Err(RootError::ShutDown { .. })));
    assert_eq!((count(&a, "STARTED"), count(&a, "STOPPED")), (1, 1));
}

#[test]
fn a_host_that_is_gone_with_its_handles_has_nothing_open() {
    let stage = Stage::with(&fixture("lifecycle"));
    let host = stage.host();
    let plugin = host.open("lifecycle").unwrap();
    for _ in 0..100 {
        assert_eq!(stage.host().open("lifecycle").unwrap(), plugin);
    }
    // A handle holds the plugin open without its host.
    let root = stage.host().open_root::<dyn Named>("lifecycle").unwrap();
    plugin.shutdown(Duration::ZERO).unwrap();
    assert_eq!(count(&plugin, "STOPPED"), 0);
    let rest = root.plugin().clone();
    drop(root);
    rest.shutdown(Duration::ZERO).unwrap();
    assert_eq!(count(&plugin, "STOPPED"), 1);

    let stage = Stage::with(&fixture("lifecycle"));
    let plugin = stage.host().open("lifecycle").unwrap();
    drop(stage.host().open_root::<dyn Named>("lifecycle").unwrap());
    plugin.shutdown(Duration::ZERO).unwrap();
    assert_eq!(count(&plugin, "STOPPED"), 1);
}

#[test]
fn hosts_that_shut_a_plugin_down_at_once_end_it_once() {
    for _ in 0..20 {
        let stage = Stage::with(&fixture("lifecycle"));
        let hosts: Vec<Host> = (0..8).map(|_| stage.host()).collect();
        let plugins: Vec<Plugin> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                hosts.iter().map(|host| scope.spawn(move || host.open("lifecycle").unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        std::thread::scope(|scope| {
            for plugin in &plugins {
                scope.spawn(move || plugin.shutdown(Duration::ZERO).unwrap());
            }
        });
        assert_eq!((count(&plugins[0], "STARTED"), count(&plugins[0], "STOPPED")), (1, 1));
    }
}

/// What one host trusts and expects is nothing to another, also where the plugin is loaded already.
#[test]
fn trust_and_expectations_are_each_hosts_own() {
    let stage = Stage::with(&fixture("lifecycle"));
    let elsewhere = Stage::new();
    let path = stage.path().join("liblifecycle.so");
    let open = stage.host().open(&path).unwrap();

    assert!(matches!(elsewhere.host().open(&path), Err(OpenError::Untrusted(_))));
    let error = stage.host().open_root::<dyn Probe>(&path).unwrap_err();
    assert!(matches!(error, OpenError::Refused(_)), "{error:?}");
    // The same host with another expectation is another host.
    assert_eq!(stage.host().expecting::<dyn Named>().open(&path).unwrap(), open);
    assert_eq!(count(&open, "STARTED"), 1);
}

/// A plugin that is a host itself has a copy of plugin-host of its own; its hosts count as the program's do.
#[test]
fn hosts_in_plugins_keep_a_plugin_from_its_end() {
    for (asked, stopped) in [("keep:lifecycle", 0), ("lifecycle", 1)] {
        let stage = Stage::with(&fixture("lifecycle"));
        stage.add(&fixture("opener"));
        stage.write("libopener.so.opens", asked);
        let host = stage.host();
        let opener = host.open("opener").unwrap();
        assert_eq!(opener.lookup_fn::<fn() -> Vec<String>>("answers").unwrap().call(), ["lifecycle 0.1.0"]);
        let plugin = host.open("lifecycle").unwrap();
        plugin.shutdown(Duration::ZERO).unwrap();
        assert_eq!((count(&plugin, "STARTED"), count(&plugin, "STOPPED")), (1, stopped), "{asked}");
        assert!(matches!(plugin.root::<dyn Named>(), Err(RootError::ShutDown { .. })));
        // Another host finds it as it is.
        let late = stage.host().open("lifecycle").unwrap();
        assert_eq!(late.root::<dyn Named>().is_ok(), stopped == 0);
    }
}
