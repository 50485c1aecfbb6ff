//! Under `cargo xtask sanitize`: that the sanitizer sees what plugins do; and what of all tests `cargo xtask ci` runs there, with
//! plugins that are built quickly.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    env, fs,
    path::PathBuf,
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use integration::{Child, Ended, Stage, built_with_the_tests};
use reloads_api::Counter;

/// Which sanitizer there is.
const SANITIZER: &str = "SANITIZER";

const THREADS: u64 = 4;

const LONG: Duration = Duration::from_secs(60);

fn sanitizer() -> Option<String> {
    let sanitizer = env::var(SANITIZER).ok();
    if sanitizer.is_none() {
        eprintln!("skipped: no sanitizer; `cargo xtask sanitize` has one");
    }
    sanitizer
}

fn calls(test: &'static str, library: PathBuf, function: &str) -> Option<Ended> {
    // What is expected is no finding: it goes to the test, and not into the reports of the run.
    Child::of(test).sanitizer_options("log_path=stderr").run(|| {
        // It stays until the end: a report has the names of functions from the file.
        let stage = Stage::with(&library);
        let plugin = stage.host().open("unsound").unwrap();
        plugin.lookup_fn::<fn() -> u64>(function).unwrap().call();
    })
}

#[test]
fn a_mistake_in_a_plugin_is_found() {
    let test = "a_mistake_in_a_plugin_is_found";
    let Some(sanitizer) = sanitizer() else { return };
    let (function, report) = match sanitizer.as_str() {
        "thread" => ("race", "ThreadSanitizer: data race"),
        "address" => ("use_after_free", "AddressSanitizer: heap-use-after-free"),
        other => panic!("no sanitizer is called {other}"),
    };
    let Some(ended) = calls(test, built_with_the_tests("unsound"), function) else { return };
    assert!(!ended.status.success(), "{}\n{}", ended.output, ended.errors);
    assert!(ended.errors.contains(report), "{}", ended.errors);
    assert!(ended.errors.contains("unsound"), "the report names the plugin's code: {}", ended.errors);
}

#[test]
fn threads_that_open_one_file_at_once_have_one_plugin() {
    let test = "threads_that_open_one_file_at_once_have_one_plugin";
    if sanitizer().is_none() {
        return;
    }
    Child::of(test).passes(|| {
        let stage = Stage::with(&built_with_the_tests("reloads"));
        let (host, together) = (stage.host(), Barrier::new(THREADS as usize));
        let open_and_call = || {
            together.wait();
            host.open("reloads").unwrap().root::<dyn Counter>().unwrap().hit();
        };
        thread::scope(|scope| (0..THREADS).for_each(|_| drop(scope.spawn(open_and_call))));
        let plugin = host.open("reloads").unwrap();
        assert_eq!(plugin.root::<dyn Counter>().unwrap().hits(), THREADS);
        plugin.shutdown(LONG).unwrap();
    });
}

#[test]
fn a_plugin_is_reloaded_while_threads_call_it() {
    let test = "a_plugin_is_reloaded_while_threads_call_it";
    if sanitizer().is_none() {
        return;
    }
    Child::of(test).passes(|| {
        let build = built_with_the_tests("reloads");
        let stage = Stage::with(&build);
        let host = stage.host();
        let counter = host.open_slot::<dyn Counter>("reloads").unwrap();
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    while !over.load(Relaxed) {
                        counter.load().hit();
                    }
                });
            }
            for generation in 2..=5 {
                fs::rename(stage.add_as(&build, "new"), stage.path().join(build.file_name().unwrap()))
                    .unwrap();
                assert_eq!(host.reload(&counter.plugin()).unwrap().generation(), generation);
            }
            over.store(true, Relaxed);
        });
        let last = counter.plugin();
        drop(counter);
        last.shutdown(LONG).unwrap();
    });
}
