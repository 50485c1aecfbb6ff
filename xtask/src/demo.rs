//! `demo`: the plugins and the hosts that use them, all optimised; with `--static`, the same plugins inside the hosts.

use std::{
    env::consts::EXE_SUFFIX,
    fs,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    build_plugins::{self, Options},
    cargo::{self, Built},
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

/// What puts the plugins into those programs.
const LINKED: [&str; 2] = ["codec-demo/linked", "format/linked"];

pub(crate) fn run(file: Option<PathBuf>, workspace: &Workspace) -> Result<(), TaskError> {
    has_hosts(workspace)?;
    let plugins = build_plugins::run(&Options::optimised_with(&HOSTS), workspace)?;
    watch(
        Command::new(program(&plugins.built, CODECS)?)
            .arg(&plugins.directory)
            .args(input(file, &plugins.built)),
    )?;
    check_formatting(
        Command::new(program(&plugins.built, FORMATTERS)?)
            .args(["--check", "--plugins"])
            .args([plugins.directory.as_path(), workspace.root()]),
    )
}

/// The same with each host and its plugins in one file.
pub(crate) fn run_static(file: Option<PathBuf>, workspace: &Workspace) -> Result<(), TaskError> {
    has_hosts(workspace)?;
    // With the packages of the other demonstration, so that cargo has all but the programs from there.
    let built = build_plugins::compile(&Options::optimised_with(&HOSTS).and_features(&LINKED), workspace)?;
    let directory = workspace.target_directory().join("linked");
    fs::create_dir_all(&directory).map_err(TaskError::file("make", &directory))?;
    let [codecs, formatters] = HOSTS.map(|host| keep(&built, host, &directory));
    watch(Command::new(codecs?).args(input(file, &built)))?;
    check_formatting(Command::new(formatters?).arg("--check").arg(workspace.root()))
}

/// Copies a program out of reach of the next build, whose program of that name has no plugins in it.
fn keep(built: &Built, host: &'static str, directory: &Path) -> Result<PathBuf, TaskError> {
    let to = directory.join(format!("{host}{EXE_SUFFIX}"));
    // Not over a file that may be running.
    let _ = fs::remove_file(&to);
    let size = fs::copy(program(built, host)?, &to).map_err(TaskError::file("write", &to))?;
    println!("{} with its plugins in it: {:.1} MB", to.display(), size as f64 / 1e6);
    Ok(to)
}

fn has_hosts(workspace: &Workspace) -> Result<(), TaskError> {
    match HOSTS.into_iter().find(|host| !workspace.has_package(host)) {
        Some(package) => Err(TaskError::NoDemo { package }),
        None => Ok(()),
    }
}

fn program(built: &Built, package: &'static str) -> Result<PathBuf, TaskError> {
    built.program(package).ok_or(TaskError::NoDemo { package })
}

/// What is compressed: an object file or an archive of some megabytes is neither text nor noise.
fn input(file: Option<PathBuf>, built: &Built) -> Option<PathBuf> {
    file.or_else(|| built.files().max_by_key(|file| fs::metadata(file).map_or(0, |found| found.len())))
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
