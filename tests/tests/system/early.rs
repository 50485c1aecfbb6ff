//! Opening where little works yet: before `main`, in a static's initialiser, in constructors of libraries.

use std::{
    fs,
    process::Command,
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    thread,
    time::Duration,
};

use integration::{Child, Compiler, Profile, Stage, built, constructed, program};
use plugin_host::{LoadError, OpenError};

use crate::fixture;

#[test]
fn before_main_and_in_a_static_plugins_open() {
    let stage = Stage::with(&fixture("lifecycle"));
    stage.add(&fixture("starting"));
    // Refused for what a panic does in it; its constructor would leave a trace.
    let refused = built(Compiler::Host, Profile::Abort, "probe");
    stage.write("librefused.so", fs::read(&refused).unwrap());
    let trace = constructed(&refused, "probe");
    let mut early = Command::new(program(Compiler::Host, Profile::Unwind, "early-host"));
    let output = early.env("PLUGINS", stage.path()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert_eq!((lines[0], lines[2]), ("before main: lifecycle 0.1.0", "before main: lifecycle 0.1.0"));
    assert_eq!(lines[1], "before main: refused probe 0.3.0");
    assert_eq!(lines[3..], ["in a static: starting 0.1.0", "in main: lifecycle 0.1.0, started 1 times"]);
    assert!(!trace.exists(), "code of a refused plugin ran");
}

/// The loader takes it: a load in a load, in one thread.
#[test]
fn a_librarys_constructor_opens_a_plugin() {
    let stage = Stage::with(&fixture("opener"));
    stage.write("libopener.so.opens", "");
    let lifecycle = stage.add(&fixture("lifecycle"));
    Child::of("early::a_librarys_constructor_opens_a_plugin").env("OPENER_CONSTRUCTS", lifecycle).passes(
        || {
            let stage = std::env::var_os("OPENER_CONSTRUCTS").unwrap();
            let directory = std::path::Path::new(&stage).parent().unwrap();
            // SAFETY: made by this very test.
            let host = unsafe { plugin_host::Host::trusting_dir(directory) }.unwrap();
            let opener = host.open("opener").unwrap();
            let answers = opener.lookup_fn::<fn() -> Vec<String>>("answers").unwrap().call();
            assert_eq!(answers, ["lifecycle 0.1.0"]);
            let lifecycle = host.open("lifecycle").unwrap();
            assert_eq!(lifecycle.lookup::<AtomicU32>("STARTED").unwrap().load(SeqCst), 1);
        },
    );
}

/// In the loader both would wait for ever. Here the thread that is waited for is told, and both go on.
#[test]
fn a_librarys_constructor_that_waits_for_another_threads_open_holds_nobody_up_for_ever() {
    const NAME: &str =
        "early::a_librarys_constructor_that_waits_for_another_threads_open_holds_nobody_up_for_ever";
    let stage = Stage::with(&fixture("opener"));
    stage.write("libopener.so.opens", "");
    stage.add(&fixture("lifecycle"));
    Child::of(NAME).within(Duration::from_secs(60)).env("OPENER_WAITS_FOR", stage.path().join("go")).passes(
        || {
            let go = std::path::PathBuf::from(std::env::var_os("OPENER_WAITS_FOR").unwrap());
            // SAFETY: made by this very test.
            let host = &unsafe { plugin_host::Host::trusting_dir(go.parent().unwrap()) }.unwrap();
            thread::scope(|scope| {
                let opener = scope.spawn(|| host.open("opener").unwrap());
                while !go.with_extension("waiting").exists() {
                    thread::sleep(Duration::from_millis(1));
                }
                let error = host.open("lifecycle").unwrap_err();
                assert!(
                    matches!(&error, OpenError::Load(LoadError::Blocked { loading, .. })
                        if loading.ends_with("libopener.so")),
                    "{error:?}"
                );
                assert!(
                    error.to_string().ends_with("waits for other threads, let `#[init]` do so instead"),
                    "{error}"
                );
                fs::write(&go, "").unwrap();
                assert_eq!(opener.join().unwrap().to_string(), "opener 0.1.0");
            });
            assert_eq!(host.open("lifecycle").unwrap().to_string(), "lifecycle 0.1.0");
        },
    );
}
