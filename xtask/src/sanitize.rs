//! `sanitize`: the tests with their plugins under AddressSanitizer and ThreadSanitizer.

mod compiler;
mod selection;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use clap::Args;

use self::selection::{EXCLUDED, SKIPPED, SMOKE};
use crate::{cargo, error::TaskError, workspace::Workspace};

/// The compilers differ. AddressSanitizer comes with rustup's nightly. ThreadSanitizer is of use only with a standard library
/// that is instrumented, too: without, it takes every lock of the library for a race. So its compiler is one that has the
/// library's source beside it, Debian's, with the runtime of clang.
#[derive(Args, Default)]
pub(crate) struct Options {
    /// Only memory: use after free, out of bounds, double free
    #[arg(long)]
    address: bool,
    /// Only data races
    #[arg(long)]
    thread: bool,
    /// Only tests whose names contain this; may be repeated
    #[arg(long, value_name = "FILTER")]
    only: Vec<String>,
    /// Only a few tests with few plugins, for continuous integration
    #[arg(long)]
    smoke: bool,
}

impl Options {
    /// What continuous integration has time for.
    pub(crate) fn smoke() -> Self {
        Self { smoke: true, ..Self::default() }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sanitizer {
    Address,
    Thread,
}

pub(crate) fn run(options: &Options, workspace: &Workspace) -> Result<(), TaskError> {
    const PACKAGE: &str = "integration";
    if !workspace.has_package(PACKAGE) {
        return Err(TaskError::NotHere { task: "sanitize", package: PACKAGE });
    }
    let both = options.thread == options.address;
    let chosen = [(Sanitizer::Address, options.address), (Sanitizer::Thread, options.thread)];
    for (sanitizer, _) in chosen.into_iter().filter(|(_, is_chosen)| both || *is_chosen) {
        sanitizer.run(options, workspace)?;
    }
    Ok(())
}

impl Sanitizer {
    const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Thread => "thread",
        }
    }

    fn run(self, options: &Options, workspace: &Workspace) -> Result<(), TaskError> {
        let directory = workspace.target_directory().join("sanitize").join(self.name());
        let reports = Reports::none_in(directory.join("reports"))?;
        let mut command = self.cargo(&directory, &reports.option())?;
        command
            .env("SANITIZER", self.name())
            .env("CARGO_TARGET_DIR", &directory)
            // Named, so that build scripts and macros, which run in the compiler, are left alone.
            .env("CARGO_BUILD_TARGET", TARGET)
            .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
            .args(["test", "--no-fail-fast"]);
        if options.smoke {
            command.args(SMOKE).args(&options.only);
        } else {
            self.select(&mut command, &options.only);
        }
        let status = command.status().map_err(|source| cargo::spawn(&command, source))?;
        let tests = cargo::succeeded(status, cargo::shown(&command));
        reports.are_none().and(tests)
    }

    /// Everything, but what is left out with a reason.
    fn select(self, command: &mut Command, only: &[String]) {
        command.args(["--workspace", "--features", "plugin-host/cli", "--lib", "--bins", "--tests"]);
        for (package, why) in EXCLUDED {
            eprintln!("sanitize: {} leaves out the package {package}: {why}", self.name());
            command.args(["--exclude", package]);
        }
        command.arg("--").args(only);
        for skipped in SKIPPED.iter().filter(|skipped| skipped.under.contains(&self)) {
            eprintln!("sanitize: {} leaves out {}: {}", self.name(), skipped.tests, skipped.why);
            command.args(["--skip", skipped.tests]);
        }
    }
}

const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Where sanitizers write what they find: also in a process whose end is no surprise to the test that started it.
struct Reports(PathBuf);

impl Reports {
    fn none_in(directory: PathBuf) -> Result<Self, TaskError> {
        if directory.exists() {
            fs::remove_dir_all(&directory).map_err(TaskError::file("delete", &directory))?;
        }
        fs::create_dir_all(&directory).map_err(TaskError::file("make", &directory))?;
        Ok(Self(directory))
    }

    /// The option of a sanitizer's runtime, which appends the number of the process.
    fn option(&self) -> String {
        format!("log_path={}", self.0.join("report").display())
    }

    fn are_none(&self) -> Result<(), TaskError> {
        let Self(directory) = self;
        let entries = fs::read_dir(directory).map_err(TaskError::file("read", directory))?;
        let reports: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        for report in &reports {
            eprintln!("{}", fs::read_to_string(report).unwrap_or_default());
        }
        match reports.len() {
            0 => Ok(()),
            count => Err(TaskError::Reported { count, directory: directory.clone() }),
        }
    }
}

#[cfg(unix)]
fn write_program(path: &Path, script: &str) -> Result<(), TaskError> {
    use std::os::unix::fs::PermissionsExt as _;

    fs::write(path, script).map_err(TaskError::file("write", path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(TaskError::file("write", path))
}

#[cfg(not(unix))]
fn write_program(path: &Path, script: &str) -> Result<(), TaskError> {
    fs::write(path, script).map_err(TaskError::file("write", path))
}
