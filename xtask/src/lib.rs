//! The tasks of a workspace with plugins: `cargo xtask build-plugins`, `watch`, `sign` and `verify`, and for this workspace `demo` and `ci`.
//!
//! Writing a plugin or a host? You want `plugin-core` or `plugin-host`; this is what builds and ships them.
//!
//! It is a library so that every workspace can have the same tasks: make a package of any name but `xtask`, say
//! `tasks`, that depends on this one, with three lines in its `main.rs`,
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     xtask::main()
//! }
//! ```
//!
//! and an alias in `.cargo/config.toml`:
//!
//! ```toml
//! [alias]
//! xtask = "run --quiet --package tasks --"
//! ```
//!
//! The tasks work on the workspace of the current directory, find its plugin crates by themselves (members with a
//! `cdylib` that depend on `plugin-core`), and run the cargo that runs them.
#![forbid(unsafe_code)]

mod bench;
mod build_plugins;
mod cargo;
mod ci;
mod demo;
mod error;
mod lock;
mod sanitize;
mod sign;
mod size;
mod stage;
mod table;
mod watch;
mod workspace;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{error::TaskError, workspace::Workspace};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The workspace's tasks.")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds the workspace's plugins and puts them, stripped and verified, into a directory
    BuildPlugins(build_plugins::Options),
    /// Builds the plugins as `build-plugins` does, and again whenever a source changes, until Ctrl-C
    Watch(build_plugins::Options),
    /// Signs plugins with a key of minisign's format, or makes a key
    Sign(sign::Sign),
    /// Verifies plugins by signatures or by a list of digests, as a host would
    Verify(sign::Verify),
    /// Builds plugins and hosts, measures the codecs on a file, shows a refusal, and checks how files are formatted
    Demo {
        /// What is compressed; if none is named, the largest file that the build produced
        file: Option<PathBuf>,
        /// With the plugins linked into the hosts: one file each, in `target/linked`
        #[arg(long = "static")]
        is_static: bool,
    },
    /// Measures what the framework adds to the size of a plugin, and fails if it is too much
    Size,
    /// Runs the tests under AddressSanitizer and ThreadSanitizer
    Sanitize(sanitize::Options),
    /// Measures everything beside its peers, and writes docs/performance.md
    Bench(bench::Options),
    /// Runs what continuous integration runs, and stops at the first failure
    Ci {
        /// Only this step; may be repeated
        #[arg(long, value_name = "STEP")]
        only: Vec<ci::Step>,
    },
}

/// Runs the task that the command line names.
///
/// The exit status is that of the cargo or the program that failed, else 1 for a failure and 2 for wrong usage.
#[must_use]
pub fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", plugin_host::report(&error));
            error.exit_code()
        }
    }
}

fn run(task: Task) -> Result<(), TaskError> {
    let workspace = Workspace::of_current_directory;
    match task {
        Task::BuildPlugins(options) => build_plugins::run_here(&options),
        Task::Watch(options) => watch::run(&options, workspace()?),
        Task::Sign(options) => sign::sign(&options, &workspace()?),
        Task::Verify(options) => sign::verify(&options, &workspace()?),
        Task::Demo { file, is_static: false } => demo::run(file, &workspace()?),
        Task::Demo { file, is_static: true } => demo::run_static(file, &workspace()?),
        Task::Size => size::run(&workspace()?),
        Task::Sanitize(options) => sanitize::run(&options, &workspace()?),
        Task::Bench(options) => bench::run(&options, &workspace()?),
        Task::Ci { only } => ci::run(only, &workspace()?),
    }
}
