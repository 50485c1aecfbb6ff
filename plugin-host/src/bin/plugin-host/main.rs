//! The `plugin-host` command line: says what a plugin file is and whether it fits, without running any of it; and loads one,
//! for hosts that probe.
//!
//! Opening plugins from a program? You want the library.
//!
//! Exit status: 0 done or fits, 1 refused, 2 cannot be read (or wrong usage).
#![deny(unsafe_code)]

mod budget;
mod check;
mod error;
mod facts;
mod signature;
mod text;
mod types;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use plugin_host::{Inspected, ToolchainPolicy};

use crate::{error::CliError, facts::Facts};

/// Reads plugin files without running any of their code; `probe` alone loads one.
#[derive(Parser)]
#[command(
    name = "plugin-host",
    version,
    after_help = "Exit status: 0 done or fits, 1 refused, 2 cannot be read (or wrong usage)."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Shows what a plugin says about itself: build, interfaces, exports, types
    #[command(after_long_help = JSON_KEYS)]
    Inspect {
        /// Print JSON; its keys are listed in `--help`
        #[arg(long)]
        json: bool,
        /// The plugin
        file: PathBuf,
    },
    /// Says whether a host built like another plugin would accept this one
    ///
    /// A host and the plugins that work in it share a compiler and their interfaces. A plugin that works is therefore a
    /// sample of its host: FILE fits if it has a build, interfaces and exports that can stand in for those of OTHER.
    Check {
        /// The plugin in question
        file: PathBuf,
        /// A plugin that the host accepts
        #[arg(long, value_name = "OTHER")]
        against: PathBuf,
        /// Accept any rustc whose layouts all match, as a host with `ToolchainPolicy::StableLayout` does
        #[arg(long)]
        any_rustc: bool,
    },
    /// Loads the file that is the standard input, and so runs code of it: for hosts that probe plugins
    ///
    /// A host starts this with a file that it trusts, by `Host::probing_with`. What crashes or hangs while it is loaded then
    /// does so here. Exit status: 0 loaded, 3 refused.
    Probe,
}

const JSON_KEYS: &str = "\
JSON keys (new ones may be added, these stay):
  name, version, path, size, format, architecture, executable_stack, fingerprint,
  hazards[] (why every host refuses it), needed[] (libraries)
  toolchain   rustc_release, rustc_commit, target, target_features[], pointer_width, endianness,
              panic, abi_format, allocator (own, system), opt_level, debug_assertions,
              logs[] (tracing, log)
  interfaces  [] id, version, fingerprint, role (provided, required, supertrait, mentioned), provided,
              required (null: not): versions, optional,
              send, sync, supertraits[],
              methods[]: name, since (null: from the start), signature
  symbols     [] name, kind (function, static), type, declaration
  state       [] role (save, restore), version, type
  types       [] name, kind (struct, enum), size, align, fingerprint, representation (null: a struct),
              fields[]: name, type, offset
              variants[]: name, discriminant, fields[]";

/// What was found out; an error is neither.
#[derive(Clone, Copy)]
enum Verdict {
    Fits,
    Refused,
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    if let Command::Probe = command {
        return probe();
    }
    let printed = run(command).and_then(|(text, verdict)| print(&text).map(|()| verdict));
    match printed {
        Ok(Verdict::Fits) => ExitCode::SUCCESS,
        Ok(Verdict::Refused) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {}", plugin_host::report(&error));
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<(String, Verdict), CliError> {
    match command {
        Command::Inspect { json, file } => {
            let facts = Facts::of(&Inspected::read(file)?)?;
            let text = if json {
                serde_json::to_string_pretty(&facts).map_err(CliError::Json)? + "\n"
            } else {
                text::Plain(&facts.to_string()).to_string()
            };
            Ok((text, Verdict::Fits))
        }
        Command::Check { file, against, any_rustc } => {
            let policy = if any_rustc { ToolchainPolicy::StableLayout } else { ToolchainPolicy::Strict };
            check::run(&Inspected::read(file)?, &Inspected::read(against)?, policy)
        }
        Command::Probe => Ok((String::new(), Verdict::Fits)),
    }
}

#[allow(unsafe_code, reason = "what this command is for")]
fn probe() -> ExitCode {
    // SAFETY: whoever starts this command vouches for the file, as for a program that is started.
    unsafe { plugin_host::answer_probe() }
}

/// Writes to the standard output; a reader that has gone away (`| head`) has seen enough.
fn print(text: &str) -> Result<(), CliError> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CliError::Output(error)),
        _ => Ok(()),
    }
}
