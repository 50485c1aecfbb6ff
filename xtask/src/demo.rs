//! `demo`: the plugins and the hosts that use them, all optimised.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::{
    build_plugins::{self, Options},
    cargo,
    error::TaskError,
    workspace::Workspace,
};

const CODECS: &str = "codec-demo";
const FORMATTERS: &str = "format";
/// The programs of the demonstration.
pub(crate) const HOSTS: [&str; 2] = [CODECS, FORMATTERS];
/// What the plugin `greeter` prints when its host has set its `V` to 7 and calls its `f`.
const GREETING: &str = "Hello, number 7";
/// How `format --check` exits if every file could be read and some are not formatted.
const UNFORMATTED: i32 = 1;

pub(crate) fn run(file: Option<PathBuf>, workspace: &Workspace) -> Result<(), TaskError> {
    if let Some(package) = HOSTS.into_iter().find(|host| !workspace.has_package(host)) {
        return Err(TaskError::NoDemo { package });
    }
    let plugins = build_plugins::run(&Options::optimised_with(&HOSTS), workspace)?;
    let program = |package| plugins.built.program(package).ok_or(TaskError::NoDemo { package });
    // An object file or an archive of some megabytes: neither text nor noise.
    let input = file.or_else(|| {
        let files = plugins.built.files();
        files.max_by_key(|file| fs::metadata(file).map_or(0, |found| found.len()))
    });
    watch(Command::new(program(CODECS)?).arg(&plugins.directory).args(input))?;
    check_formatting(
        Command::new(program(FORMATTERS)?)
            .args(["--check", "--plugins"])
            .args([plugins.directory.as_path(), workspace.root()]),
    )
}

/// Names the files of the workspace that the formatters would change, of which there may be some.
fn check_formatting(command: &mut Command) -> Result<(), TaskError> {
    println!("\nWhat the formatters would change here:\n");
    let status = command.status().map_err(|source| cargo::spawn(command, source))?;
    match status.code() {
        Some(UNFORMATTED) => Ok(()),
        _ => cargo::succeeded(status, cargo::shown(command)),
    }
}

/// Runs the host, shows what it prints, and looks for the greeting in it.
fn watch(command: &mut Command) -> Result<(), TaskError> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|source| cargo::spawn(command, source))?;
    let mut is_greeted = false;
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line).map_err(TaskError::Input)? > 0 {
            io::stdout().write_all(&line).map_err(TaskError::Output)?;
            is_greeted |= line.trim_ascii_end() == GREETING.as_bytes();
            line.clear();
        }
    }
    cargo::succeeded(child.wait().map_err(TaskError::Input)?, cargo::shown(command))?;
    if is_greeted { Ok(()) } else { Err(TaskError::MissingLine { expected: GREETING }) }
}
