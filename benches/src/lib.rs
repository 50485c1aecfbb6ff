//! Measures the project beside its peers, in the same run: bare `libloading`, `dyn Trait`, `abi_stable`.
//!
//! Want to run it? `cargo xtask bench`, or `cargo bench --package benches` for the calls with criterion. Rows are in `rows`,
//! one file for a topic, and each leaves its results as a file in the target directory; `report` makes
//! `docs/performance.md` of them.

mod child;
mod clock;
mod copies;
mod generate;
mod instructions;
mod machine;
mod plugins;
mod report;
mod results;
mod rounds;
mod rows;
mod subjects;

use std::{
    cell::RefCell,
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::{plugins::Plugins, rounds::Effort, subjects::Subjects};

/// Every allocation of this program is counted, as those of the plugins are.
#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

/// Whatever goes wrong ends the run with its words.
type Outcome<T> = Result<T, Box<dyn Error>>;

#[derive(Parser)]
struct Arguments {
    /// The repository.
    #[arg(long)]
    repository: PathBuf,
    /// Where plugins are built and results are kept.
    #[arg(long)]
    output: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures rows, all if none is named.
    Measure {
        /// Once, and quickly: shows that everything runs, not how fast.
        #[arg(long)]
        smoke: bool,
        /// Takes the instruction counts that are measured for the committed ones.
        #[arg(long)]
        accept: bool,
        /// `cargo xtask`, as a program.
        #[arg(long)]
        tasks: Option<PathBuf>,
        rows: Vec<u8>,
    },
    /// Writes the report again, of the results that there are.
    Report,
    /// In a process of its own: one part of a row, with arguments as JSON.
    Child { part: String, arguments: String },
    /// Under valgrind: calls of one kind, and nothing else that depends on their number.
    Call { case: String, times: u64 },
}

/// The program behind `cargo xtask bench`.
#[must_use]
pub fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome<()> {
    let plugins = Plugins::new(&arguments.repository, &arguments.output);
    match &arguments.command {
        Command::Measure { smoke, accept, tasks, rows } => {
            plugins.build()?;
            let effort = if *smoke { Effort::Smoke } else { Effort::Full };
            let bench = rows::Bench {
                plugins,
                effort,
                accept: *accept,
                tasks: tasks.clone(),
                failed: RefCell::default(),
            };
            let failed = rows::measure(&bench, rows)?;
            report::write(&bench)?;
            if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
        }
        Command::Report => {
            let effort = Effort::Full;
            report::write(&rows::Bench {
                plugins,
                effort,
                accept: false,
                tasks: None,
                failed: RefCell::default(),
            })
        }
        Command::Child { part, arguments } => rows::child(&plugins, part, arguments),
        Command::Call { case, times } => instructions::call(&plugins, case, *times),
    }
}

/// Loads what is compared, and hands every call to `measure`: the kind of call, whose call it is, and what makes it a number of
/// times. Plugins are built in `output`.
///
/// # Errors
///
/// If a plugin cannot be built or loaded.
pub fn calls(
    repository: &Path,
    output: &Path,
    mut measure: impl FnMut(&str, &str, &mut dyn FnMut(u64)),
) -> Result<(), Box<dyn Error>> {
    let plugins = Plugins::new(repository, output);
    plugins.build()?;
    let subjects = Subjects::load(&plugins)?;
    for kind in rows::kinds().into_iter().chain(rows::data_kinds()) {
        for mut case in (kind.cases)(&subjects) {
            measure(kind.name, case.name, &mut case.run);
        }
    }
    Ok(())
}
