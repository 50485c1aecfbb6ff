//! What plugins log arrives in the host's logger and subscriber, which are one for a process: each test has its own.

mod cost;
mod panics;
mod records;
mod to_log;
mod to_tracing;

use std::{env, process::Command};

use integration::{Stage, built_alone};
use plugin_core::ForwardedLogs;
use plugin_host::{Inspected, Plugin};

/// Names the test that a child process is to run.
const CHILD: &str = "INTEGRATION_CHILD";

/// What a child process printed.
struct Printed {
    output: String,
    errors: String,
}

/// Runs the body of a test in a process of its own, and returns there `None`, and to the test what that printed.
#[track_caller]
fn alone(test: &str, environment: &[(&str, &str)], body: impl FnOnce()) -> Option<Printed> {
    if env::var(CHILD).is_ok_and(|child| child == test) {
        body();
        return None;
    }
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture"]).env(CHILD, test);
    child.env_remove("RUST_BACKTRACE").env_remove("RUST_LIB_BACKTRACE");
    let output = child.envs(environment.iter().copied()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let printed = Printed { output: text(output.stdout), errors: text(output.stderr) };
    assert!(output.status.success(), "{}\n{}", printed.output, printed.errors);
    assert!(printed.output.contains("1 passed"), "there is no test {test}");
    Some(printed)
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
