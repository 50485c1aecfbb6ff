//! `demo`: the plugins and a host that uses them, both optimised.

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

pub(crate) const HOST: &str = "codec-demo";
/// What the plugin `greeter` prints when its host has set its `V` to 7 and calls its `f`.
const GREETING: &str = "Hello, number 7";

pub(crate) fn run(file: Option<PathBuf>, workspace: &Workspace) -> Result<(), TaskError> {
    if !workspace.has_package(HOST) {
        return Err(TaskError::NoDemo { package: HOST });
    }
    let plugins = build_plugins::run(&Options::optimised_with(HOST), workspace)?;
    let program = plugins.built.program(HOST).ok_or(TaskError::NoDemo { package: HOST })?;
    // An object file or an archive of some megabytes: neither text nor noise.
    let input = file.or_else(|| {
        let files = plugins.built.files();
        files.max_by_key(|file| fs::metadata(file).map_or(0, |found| found.len()))
    });
    let mut command = Command::new(program);
    command.arg(plugins.directory).args(input);
    watch(&mut command)
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
