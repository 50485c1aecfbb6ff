//! What is not run under a sanitizer, and what is no finding, each with the reason. All else is run.

use super::Sanitizer::{self, Address, Thread};

/// What is quickly built: that a mistake in a plugin is found, and that none is where threads open, call and reload one.
pub(super) const SMOKE: &[&str] = &["--package", "sanitized", "--"];

/// Packages.
pub(super) const EXCLUDED: &[(&str, &str)] = &[
    ("benches", "it measures"),
    ("model", "its threads are simulated, on stacks that no sanitizer knows"),
    ("plugin-macros", "it runs in the compiler"),
    ("xtask", "it has no unsafe code, and its tests run cargo"),
];

/// Tests whose names contain this.
pub(super) struct Skipped {
    pub(super) tests: &'static str,
    pub(super) under: &'static [Sanitizer],
    pub(super) why: &'static str,
}

const BOTH: &[Sanitizer] = &[Address, Thread];

pub(super) const SKIPPED: &[Skipped] = &[
    Skipped { tests: "other_compilers::", under: BOTH, why: "other compilers do not have this sanitizer" },
    Skipped {
        tests: "another_compiler_is_refused",
        under: BOTH,
        why: "other compilers do not have this sanitizer",
    },
    Skipped { tests: "randomized::", under: BOTH, why: "its plugins are built with flags of their own" },
    Skipped {
        tests: "quick_start::",
        under: BOTH,
        why: "it is about where a plain `cargo build` puts its files",
    },
    Skipped { tests: "recording_takes_less_than_a_microsecond", under: BOTH, why: "it measures time" },
    Skipped {
        tests: "a_plugin_without_futures_has_none_of_tokio",
        under: BOTH,
        why: "it is about what a usual build leaves out of a plugin",
    },
    Skipped {
        tests: "corpus::",
        under: &[Thread],
        why: "it reads thousands of files, each in one thread, for the better part of an hour",
    },
    Skipped {
        tests: "hostile::",
        under: &[Thread],
        why: "it decodes a descriptor for every byte that may change, in one thread",
    },
    Skipped {
        tests: "a_plugin_that_ends_the_process_while_it_is_loaded",
        under: &[Thread],
        why: "the runtime looks away while the system loads, and takes an end of the process there for a mistake",
    },
    Skipped {
        tests: "no_call_is_lost_in_a_thousand_generations",
        under: &[Thread],
        why: "it bounds the memory of a generation, to which the runtime adds its own; fifty go on under it",
    },
    Skipped { tests: "mistakes", under: BOTH, why: "it compares what the compiler says, and runs nothing" },
];

/// What ThreadSanitizer reports and is none.
pub(super) const SUPPRESSIONS: &str = "\
# Tokio tells the system of a socket by a duplicate of the descriptor that it waits on. The system orders the two, but the runtime
# follows a descriptor by its number, and knows of no duplicates by `fcntl`.
race:<tokio::runtime::io::registration_set::RegistrationSet>::allocate
# Whoever detaches a thread that has ended frees what it had of a plugin's thread-local memory. That it has ended is told by words
# of the system's library, which is not instrumented.
race:_dl_deallocate_tls
";
