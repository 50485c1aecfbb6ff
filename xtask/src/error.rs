//! Why a task failed.

use std::{io, path::PathBuf, process::ExitCode};

use plugin_host::{FileError, InspectError, KeyError, LineError, ListError, OpenError};

#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    #[error("cargo does not describe the workspace of the current directory")]
    Metadata(#[source] cargo_metadata::Error),
    #[error("cannot run `{program}`")]
    Spawn { program: String, source: io::Error },
    #[error("cannot read what a program prints")]
    Input(#[source] io::Error),
    #[error("cannot write to the standard output")]
    Output(#[source] io::Error),
    /// Whatever there is to say about it, the program has said.
    #[error("`{command}` failed")]
    Failed { command: String, code: Option<i32> },
    #[error("cannot {action} {}", path.display())]
    File { action: &'static str, path: PathBuf, source: io::Error },
    #[error(
        "the workspace in {} has no plugin crates: expected members with `crate-type = [\"cdylib\", \"rlib\"]` that depend on plugin-core",
        root.display()
    )]
    NoPlugins { root: PathBuf },
    #[error("no plugin crate is called `{name}`; there are: {}", known.join(", "))]
    UnknownPlugin { name: String, known: Vec<String> },
    #[error("the packages `{}` and `{}` would both be {file}: give one another `[lib] name`", packages.0, packages.1)]
    SameFile { file: String, packages: (String, String) },
    #[error("cargo built `{package}` but reports no shared library for it")]
    NoLibrary { package: String },
    #[error("{}", no_plugin(package, file, manifest))]
    NoPlugin { package: String, file: PathBuf, manifest: PathBuf },
    #[error("cargo built `{package}`, but it cannot be read as a plugin")]
    Unreadable { package: String, source: InspectError },
    #[error("cargo built `{package}`, but no host would open it")]
    Unfit { package: String, source: Box<OpenError> },
    #[error("cannot watch {}", path.display())]
    Watch { path: PathBuf, source: notify::Error },
    #[error("cannot be told of changed files")]
    Watcher(#[source] notify::Error),
    #[error("cannot be told of Ctrl-C")]
    Interrupt(#[source] ctrlc::Error),
    #[error("cannot take over the list of the plugins that stay")]
    List(#[source] ListError),
    #[error("cannot list a plugin")]
    Entry(#[source] LineError),
    #[error("cannot compute a digest")]
    Digest(#[source] FileError),
    #[error("cannot read a public key")]
    Key(#[source] KeyError),
    #[error("cannot use the key in {}: is the password right?", path.display())]
    SecretKey { path: PathBuf, source: minisign::PError },
    #[error("cannot sign")]
    Signing(#[source] minisign::PError),
    #[error("only plugins are signed")]
    NotAPlugin(#[source] InspectError),
    #[error("{refused} of {of} files are not to be trusted")]
    NotVerified { refused: usize, of: usize },
    #[error("no plugin is in {}: run `cargo xtask build-plugins`, or name the files", directory.display())]
    NothingStaged { directory: PathBuf },
    #[error("the workspace has no package `{package}`: the demonstration is part of the framework's own")]
    NoDemo { package: &'static str },
    #[error("the workspace has no package `{package}`: the task `{task}` is for the framework's own")]
    NotHere { task: &'static str, package: &'static str },
    #[error("{sanitizer} needs {needs}")]
    NoSanitizer { sanitizer: &'static str, needs: String },
    #[error("the sanitizer reported mistakes in {count} processes: see {}", directory.display())]
    Reported { count: usize, directory: PathBuf },
    #[error("the demonstration did not print the line `{expected}`")]
    MissingLine { expected: &'static str },
    #[error(
        "a stripped `{package}` has {size} bytes, expected at most {}.{:02} times the {bare} of a library with one bare function",
        limit / 100, limit % 100
    )]
    TooLarge { package: &'static str, size: u64, bare: u64, limit: u64 },
    #[error("`{}` failed on {}", tool, file.display())]
    Strip { tool: String, file: PathBuf },
    #[error("step `{step}` of `cargo xtask ci` failed; repeat it with `cargo xtask ci --only {step}`")]
    Step { step: String, source: Box<TaskError> },
}

fn no_plugin(package: &str, file: &std::path::Path, manifest: &std::path::Path) -> String {
    format!(
        "`{package}` is built as a plugin, but {} has none in it
  help: export one, once in the crate:

      #[plugin_core::export_plugin]
      impl Codec for MyCodec {{ … }}

  help: if it is not meant to be a plugin, remove \"cdylib\" from `crate-type` in {}",
        file.display(),
        manifest.display()
    )
}

impl TaskError {
    /// A program that failed passes its exit status on.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Failed { code: Some(code), .. } => {
                u8::try_from(*code).map_or(ExitCode::FAILURE, ExitCode::from)
            }
            Self::Step { source, .. } => source.exit_code(),
            _ => ExitCode::FAILURE,
        }
    }

    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
