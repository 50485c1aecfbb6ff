//! `bench`: has the program `benches` measure everything, which writes `docs/performance.md`.

use std::env::consts::EXE_SUFFIX;

use clap::Args;

use crate::{cargo, error::TaskError, workspace::Workspace};

pub(crate) const PACKAGE: &str = "benches";

#[derive(Args, Default)]
pub(crate) struct Options {
    /// Only this row, by its number; may be repeated
    #[arg(long, value_name = "ROW")]
    only: Vec<u8>,
    /// Everything once: shows that it runs, holds the counts of instructions, and writes no report into the repository
    #[arg(long)]
    smoke: bool,
    /// Commit the counts of instructions that are measured
    #[arg(long)]
    accept: bool,
    /// Measure nothing: only write the report again, of the results that there are
    #[arg(long, conflicts_with_all = ["only", "smoke", "accept"])]
    report: bool,
}

impl Options {
    /// What continuous integration runs.
    pub(crate) fn smoke() -> Self {
        Self { smoke: true, ..Self::default() }
    }
}

pub(crate) fn run(options: &Options, workspace: &Workspace) -> Result<(), TaskError> {
    if !workspace.has_package(PACKAGE) {
        return Err(TaskError::NotHere { task: "bench", package: PACKAGE });
    }
    let repository = workspace.root().to_string_lossy().into_owned();
    let output = workspace.target_directory().join(PACKAGE).to_string_lossy().into_owned();
    let rows: Vec<String> = options.only.iter().map(u8::to_string).collect();
    // Where cargo puts this program. What runs may be deleted by now: the tests are built with another one.
    let tasks = workspace.target_directory().join("debug").join(format!("xtask{EXE_SUFFIX}"));
    let tasks = tasks.to_string_lossy();
    let mut arguments = vec!["run", "--release", "--quiet", "--package", PACKAGE, "--"];
    arguments.extend(["--repository", &repository, "--output", &output]);
    if options.report {
        arguments.push("report");
        return cargo::run(&arguments, &[]);
    }
    arguments.extend(["measure", "--tasks", &tasks]);
    arguments.extend(options.smoke.then_some("--smoke"));
    arguments.extend(options.accept.then_some("--accept"));
    arguments.extend(rows.iter().map(String::as_str));
    cargo::run(&arguments, &[])
}
