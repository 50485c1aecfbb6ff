//! The whole system, on real plugins.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod asynchronous;
mod calls;
mod changes;
mod closures;
mod cycles;
mod discovery;
mod dwarf;
mod early;
mod either_way;
mod events;
mod evolution;
mod growing;
mod hazards;
mod holders;
mod hosts;
mod indexing;
mod logs;
mod lookup;
mod namesakes;
mod naming;
mod not_plugins;
mod objects;
mod opening;
mod other_compilers;
mod outliving;
mod panics;
mod probing;
mod quick_start;
mod randomized;
mod refusals;
mod reloading;
mod requirements;
mod starting;
mod tokio_plugins;
mod trust;
mod values;

use std::{error::Error, fs, path::Path};

use integration::{Compiler, Profile, built};
use plugin_host::{Mismatch, OpenError};

/// A fixture, built as usual.
fn fixture(package: &str) -> std::path::PathBuf {
    built(Compiler::Host, Profile::Unwind, package)
}

/// The mismatches of a refusal, each as its line.
fn refusal(error: OpenError) -> Vec<String> {
    match error {
        OpenError::Refused(refusal) => refusal.mismatches().iter().map(Mismatch::to_string).collect(),
        other => panic!("expected a refusal, found {other:?}"),
    }
}

/// An error and its causes, as a program would print them.
fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |cause: &&dyn Error| (*cause).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Whether the constructor of the probe of a workspace ran; forgets it.
fn take_trace(trace: &Path) -> bool {
    fs::remove_file(trace).is_ok()
}
