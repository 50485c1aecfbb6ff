//! What plugins log arrives in the host's logger and subscriber, which are one for a process: each test has its own.

mod cost;
mod panics;
mod records;
mod to_log;
mod to_tracing;

use integration::{Child, Ended, Stage, built_alone};
use plugin_core::ForwardedLogs;
use plugin_host::{Inspected, Plugin};

/// Runs the body of a test in a process of its own, and returns there `None`, and to the test what that printed.
#[track_caller]
fn alone(test: &'static str, environment: &[(&str, &str)], body: impl FnOnce()) -> Option<Ended> {
    let child = Child::of(test);
    environment.iter().fold(child, |child, (name, value)| child.env(name, value)).passes(body)
}

/// A fixture, opened.
fn open(package: &str) -> Plugin {
    Stage::with(&built_alone(package)).host().open(package).unwrap()
}

fn call(plugin: &Plugin, function: &str) {
    plugin.lookup_fn::<fn()>(function).unwrap().call();
}

#[test]
fn a_plugin_says_which_of_its_logs_are_forwarded() {
    for (package, log, tracing, text) in [
        ("logs-log", true, false, "log"),
        ("logs-tracing", true, true, "tracing, log"),
        ("logs-nothing", false, false, "not forwarded"),
    ] {
        let inspected = Inspected::read(built_alone(package)).unwrap();
        let logs = inspected.descriptor().unwrap().toolchain.logs;
        assert_eq!((logs, logs.to_string().as_str()), (ForwardedLogs { log, tracing }, text));
    }
}
