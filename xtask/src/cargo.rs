//! Running cargo: the one that runs this, with its own words on the standard error.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::BufReader,
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
};

use cargo_metadata::{Artifact, CrateType, Message, PackageId};

use crate::error::TaskError;

/// What a build produced.
pub(crate) struct Built(Vec<Artifact>);

impl Built {
    /// The shared library of a package.
    pub(crate) fn shared_library(&self, package: &PackageId) -> Option<PathBuf> {
        self.0
            .iter()
            .filter(|artefact| {
                artefact.package_id == *package && artefact.target.crate_types.contains(&CrateType::CDyLib)
            })
            .flat_map(|artefact| &artefact.filenames)
            .find(|file| file.extension() == Some(env::consts::DLL_EXTENSION))
            .map(|file| file.clone().into())
    }

    /// The shared library of the package of a name.
    pub(crate) fn shared_library_of(&self, package: &str) -> Option<PathBuf> {
        let library = package.replace('-', "_");
        let artefact = self.0.iter().find(|artefact| artefact.target.name == library)?;
        self.shared_library(&artefact.package_id)
    }

    /// The program of a name.
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        self.0
            .iter()
            .find(|artefact| artefact.target.name == name && artefact.executable.is_some())
            .and_then(|artefact| artefact.executable.clone())
            .map(PathBuf::from)
    }

    /// Every file that was written, or found to be up to date.
    pub(crate) fn files(&self) -> impl Iterator<Item = PathBuf> {
        self.0.iter().flat_map(|artefact| &artefact.filenames).map(|file| file.clone().into())
    }
}

/// `cargo build` with these arguments; its diagnostics pass through.
pub(crate) fn build(arguments: Vec<OsString>) -> Result<Built, TaskError> {
    let mut command = cargo();
    command.arg("build").args(arguments);
    let shown = shown(&command);
    let mut child = command
        .arg("--message-format=json-render-diagnostics")
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|source| spawn(&command, source))?;
    let mut artefacts = Vec::new();
    let messages = child.stdout.take().map(BufReader::new);
    for message in messages.into_iter().flat_map(Message::parse_stream) {
        if let Message::CompilerArtifact(artefact) = message.map_err(TaskError::Input)? {
            artefacts.push(artefact);
        }
    }
    succeeded(child.wait().map_err(TaskError::Input)?, shown)?;
    Ok(Built(artefacts))
}

/// Any other cargo command.
pub(crate) fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Result<(), TaskError> {
    let mut command = cargo();
    command.args(arguments).envs(environment.iter().copied());
    let status = command.status().map_err(|source| spawn(&command, source))?;
    succeeded(status, shown(&command))
}

pub(crate) fn succeeded(status: ExitStatus, command: String) -> Result<(), TaskError> {
    if status.success() {
        return Ok(());
    }
    Err(TaskError::Failed { command, code: status.code() })
}

pub(crate) fn spawn(command: &Command, source: std::io::Error) -> TaskError {
    TaskError::Spawn { program: command.get_program().display().to_string(), source }
}

/// A command as somebody would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let program = program.file_stem().unwrap_or(program.as_os_str());
    std::iter::once(program)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
