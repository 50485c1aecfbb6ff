//! `format PATH [--check] [--plugins DIR] [--line-width N]`: formats files by plugins.
//!
//! Exits with 0 if every file is formatted, with 1 if `--check` found one that is not, and with 2 if something went wrong:
//! with one file, which is then left as it is, or with the plugins.
//!
//! Built with the feature `linked`, it has the formatters in itself, and looks for others only where `--plugins` says.

use std::{
    env,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use format::{FileError, Formatters, LoadError, MAX_SIZE, Mode, Outcome};
use indicatif::{ProgressBar, ProgressStyle};
use plugin_host::{Host, Linked, TrustError, report};
use rayon::{ThreadPoolBuildError, ThreadPoolBuilder, prelude::*};

/// Formats the files in a directory, each by the plugin that knows its language
#[derive(Parser)]
struct Arguments {
    /// A directory, or one file
    path: PathBuf,
    /// Only names the files that are not formatted; fails if there are any
    #[arg(long)]
    check: bool,
    /// Where plugins are; if not given, `plugins` beside the directory of this program, unless it has its own in itself
    #[arg(long, value_name = "DIR")]
    plugins: Option<PathBuf>,
    /// How long lines should be; if not given, what is usual in each language
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u32).range(1..=1000))]
    line_width: Option<u32>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        // A reader that has gone away (`| head`) has seen enough.
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            if let Failure::Load(LoadError::NoFormatter { refused }) = &error {
                refused.iter().for_each(|error| complain(error));
            }
            ExitCode::from(FAILED)
        }
    }
}

const FAILED: u8 = 2;
const UNFORMATTED: u8 = 1;

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("cannot tell where this program is: name the directory of the plugins with `--plugins`")]
    NoProgram(#[source] io::Error),
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error("cannot start threads")]
    Threads(#[from] ThreadPoolBuildError),
    #[error("cannot write to the standard output")]
    Output(#[from] io::Error),
}

fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let directory = match &arguments.plugins {
        Some(directory) => Some(directory.clone()),
        None if cfg!(feature = "linked") => None,
        None => Some(installed_plugins()?),
    };
    let host = Host::linked(linked());
    let host = match directory {
        // SAFETY: whoever names the directory on the command line, or installed this program beside it, vouches for the
        // plugins that are in it.
        Some(directory) => unsafe { host.and_dir(directory) }?,
        None => host,
    };
    let (formatters, refused) = Formatters::discover(host)?;
    refused.iter().for_each(|error| complain(error));

    let mode = if arguments.check { Mode::Check } else { Mode::Write };
    let results = process_all(&formatters, &arguments.path, mode, arguments.line_width)?;
    let summary = show(&results, mode, &mut io::stdout().lock())?;
    Ok(match (summary.errors + refused.len(), summary.changed, mode) {
        (0, 0, _) | (0, _, Mode::Write) => ExitCode::SUCCESS,
        (0, _, Mode::Check) => ExitCode::from(UNFORMATTED),
        _ => ExitCode::from(FAILED),
    })
}

/// The formatters that are in this program.
#[cfg(feature = "linked")]
fn linked() -> Linked {
    plugin_host::link!(format_json, format_markdown, format_toml)
}

#[cfg(not(feature = "linked"))]
fn linked() -> Linked {
    plugin_host::link!()
}

/// `…/plugins` for `…/bin/format`; so `target/plugins`, where `cargo xtask build-plugins` puts them.
fn installed_plugins() -> Result<PathBuf, Failure> {
    let program = env::current_exe().map_err(Failure::NoProgram)?;
    Ok(program.ancestors().nth(2).unwrap_or(Path::new("/")).join("plugins"))
}

type FileResult = (PathBuf, Result<Outcome, FileError>);

/// Formats in parallel; the results are in the order of the paths.
fn process_all(
    formatters: &Formatters,
    root: &Path,
    mode: Mode,
    line_width: Option<u32>,
) -> Result<Vec<FileResult>, Failure> {
    let found = format::find(root, formatters);
    // On the standard error, and only if that is a terminal.
    let bar = ProgressBar::new(found.len() as u64).with_style(style());
    // Formatters recurse where texts nest.
    let threads = ThreadPoolBuilder::new().stack_size(16 << 20).build()?;
    let results = threads.install(|| {
        let process = |(path, is_found): (PathBuf, Result<(), FileError>)| {
            let result = is_found.and_then(|()| format::process(formatters, &path, mode, line_width));
            bar.inc(1);
            (path, result)
        };
        found.into_par_iter().map(process).collect()
    });
    bar.finish_and_clear();
    Ok(results)
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:40} {pos}/{len} files, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[derive(Default)]
struct Summary {
    unchanged: usize,
    changed: usize,
    errors: usize,
}

fn show(results: &[FileResult], mode: Mode, out: &mut impl Write) -> io::Result<Summary> {
    let done = match mode {
        Mode::Check => "would change",
        Mode::Write => "formatted",
    };
    let mut summary = Summary::default();
    for (path, result) in results {
        match result {
            Ok(Outcome::Unchanged) => summary.unchanged += 1,
            Ok(Outcome::Changed) => {
                summary.changed += 1;
                writeln!(out, "{done} {}", path.display())?;
            }
            Ok(Outcome::TooLarge) => {
                writeln!(out, "skipped {}: larger than {} MiB", path.display(), MAX_SIZE >> 20)?;
            }
            Err(error) => {
                summary.errors += 1;
                eprintln!("error: {}: {}", path.display(), report(error));
            }
        }
    }
    let Summary { unchanged, changed, errors } = summary;
    writeln!(out, "{} {done}, {unchanged} unchanged, {}", count(changed, "file"), count(errors, "error"))?;
    Ok(summary)
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

fn complain(error: &dyn std::error::Error) {
    eprintln!("error: {}", report(error));
}
