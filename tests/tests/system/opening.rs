//! One file, one plugin: however it is spelled, whoever opens it, whatever went wrong before.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Barrier,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
};

use integration::Stage;
use plugin_host::{OpenError, Plugin};
use probe_api::Named;

use crate::{chain, fixture};

fn starts(plugin: &Plugin) -> u32 {
    plugin.lookup::<AtomicU32>("STARTED").unwrap().load(SeqCst)
}

#[test]
fn sixty_four_threads_open_one_plugin() {
    const THREADS: usize = 64;
    let stage = Stage::with(&fixture("lifecycle"));
    stage.write("slow", "");
    let host = stage.host();
    let barrier = Barrier::new(THREADS);
    let plugins: Vec<Plugin> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    host.open("lifecycle").unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(starts(&plugins[0]), 1);
    assert!(plugins.iter().all(|plugin| *plugin == plugins[0]));
}

#[test]
fn every_spelling_is_one_plugin() {
    let stage = Stage::with(&fixture("lifecycle"));
    fs::create_dir(stage.path().join("below")).unwrap();
    let file = stage.path().join("liblifecycle.so");
    let link = stage.path().join("liblink.so");
    std::os::unix::fs::symlink("liblifecycle.so", &link).unwrap();
    let relative = {
        let here = std::env::current_dir().unwrap();
        let up: PathBuf = here.components().skip(1).map(|_| "..").collect();
        up.join(file.canonicalize().unwrap().strip_prefix("/").unwrap())
    };

    let host = stage.host();
    let plugin = host.open("lifecycle").unwrap();
    for spelling in [
        "liblifecycle.so".into(),
        file.clone(),
        link,
        stage.path().join("./liblifecycle.so"),
        stage.path().join("below/../liblifecycle.so"),
        relative,
    ] {
        assert_eq!(host.open(&spelling).unwrap(), plugin, "{}", spelling.display());
    }
    // Another host, and one with other expectations, verify for themselves and share the plugin.
    assert_eq!(stage.host().expecting::<dyn Named>().open(&file).unwrap(), plugin);
    assert_eq!(starts(&plugin), 1);
    assert_eq!(plugin.path(), file.canonicalize().unwrap());
    assert_eq!((plugin.name(), plugin.version()), ("lifecycle", "0.1.0"));
}

#[test]
fn a_failure_is_not_remembered() {
    let stage = Stage::with(&fixture("lifecycle"));
    let host = stage.host();
    for (asked, expected) in [
        ("fail-in-init", "plugin lifecycle 0.1.0 did not start: init was asked to fail"),
        ("panic-in-init", "plugin lifecycle 0.1.0 panicked in #[init]: the plugin panicked at "),
        (
            "fail-in-constructor",
            "plugin lifecycle 0.1.0 did not make its `probe_api::Named`: the constructor was asked to fail",
        ),
        (
            "panic-in-constructor",
            "plugin lifecycle 0.1.0 panicked in the constructor of `probe_api::Named`: the plugin panicked at ",
        ),
    ] {
        let reason = stage.write(asked, "");
        for _ in 0..2 {
            let error = host.open("lifecycle").unwrap_err();
            assert!(chain(&error).starts_with(expected), "{}", chain(&error));
            assert!(chain(&error).contains("was asked to"), "{}", chain(&error));
        }
        fs::remove_file(reason).unwrap();
    }
    let plugin = host.open("lifecycle").unwrap();
    assert_eq!(plugin.root::<dyn Named>().unwrap().name(), "alive");
}

#[test]
fn a_fixed_file_opens_after_a_refused_one() {
    let stage = Stage::new();
    let path = stage.write("liblifecycle.so", "not a plugin yet");
    let host = stage.host();
    assert!(matches!(host.open("lifecycle"), Err(OpenError::Inspect(_))));
    let new = stage.add_as(&fixture("lifecycle"), "new");
    fs::rename(new, &path).unwrap();
    assert_eq!(starts(&host.open("lifecycle").unwrap()), 1);
}

#[test]
fn what_is_verified_is_loaded_by_the_host_that_verified_it() {
    let stage = Stage::with(&fixture("lifecycle"));
    let host = stage.host();
    let verified = host.verify("lifecycle").unwrap();
    assert_eq!(verified.descriptor().unwrap().name, "lifecycle");
    let plugin = host.clone().load(verified).unwrap();
    assert_eq!(starts(&plugin), 1);
    assert_eq!(host.open("lifecycle").unwrap(), plugin);
    assert_eq!(host.load(host.verify("lifecycle").unwrap()).unwrap(), plugin);

    // A host that asks for more, made from the one that verified: even the same plugin has to pass its own checks.
    let verified = host.verify("lifecycle").unwrap();
    let error = host.expecting::<dyn Named>().load(verified).unwrap_err();
    assert!(matches!(error, OpenError::AnotherHost { .. }), "{error:?}");
    assert!(error.to_string().ends_with("verify it with the host that loads it"), "{error}");
}

/// The file that was verified is loaded, not the one that took its name meanwhile.
#[test]
fn a_file_that_is_replaced_after_it_was_verified_changes_nothing() {
    let stage = Stage::with(&fixture("lifecycle"));
    let host = stage.host();
    let verified = host.verify("lifecycle").unwrap();
    fs::rename(stage.write("new", "no plugin"), stage.path().join("liblifecycle.so")).unwrap();
    assert_eq!(starts(&host.load(verified).unwrap()), 1);
}

#[test]
fn discovery_lists_the_libraries() {
    let stage = Stage::with(&fixture("lifecycle"));
    stage.add(&fixture("probe"));
    stage.write("notes.txt", "not a library");
    let directory = stage.path().canonicalize().unwrap();
    assert_eq!(
        stage.host().discover().unwrap(),
        [directory.join("liblifecycle.so"), directory.join("libprobe.so")]
    );
}
