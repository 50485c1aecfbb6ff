//! The plugins that are measured, and their peers: real libraries, built in release and stripped.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Outcome;

/// Of the workspace `plugins`, without the interfaces: two of them have the file name of another.
const PLUGINS: &[&str] = &[
    "calls",
    "raw",
    "grown",
    "grown-old",
    "one-of-a-thousand",
    "many-of-a-thousand",
    "drifted-of-a-thousand",
    "bare-many",
];

/// Of the workspace `peers`.
const PEERS: &[&str] = &["peer", "peer-one", "peer-many"];

/// Where everything is.
pub(crate) struct Plugins {
    repository: PathBuf,
    output: PathBuf,
}

impl Plugins {
    pub(crate) fn new(repository: &Path, output: &Path) -> Self {
        Self { repository: repository.to_owned(), output: output.to_owned() }
    }

    /// Builds what is not fresh. The peers by themselves: what they turn on in `abi_stable` is not to be in the plugins.
    pub(crate) fn build(&self) -> Outcome<()> {
        for (workspace, packages) in [("plugins", PLUGINS), ("peers", PEERS)] {
            let manifest = self.repository.join("benches").join(workspace).join("Cargo.toml");
            let packages = packages.iter().flat_map(|package| ["--package", package]);
            let arguments: Vec<_> = ["build", "--release"].into_iter().chain(packages).collect();
            cargo(&arguments, &manifest, &self.built())?;
        }
        Ok(())
    }

    /// The library of a package.
    pub(crate) fn library(&self, package: &str) -> PathBuf {
        use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
        let file = format!("{DLL_PREFIX}{}{DLL_SUFFIX}", package.replace('-', "_"));
        self.built().join("release").join(file)
    }

    /// The directory of the libraries, which nobody else writes to.
    pub(crate) fn directory(&self) -> PathBuf {
        self.built().join("release")
    }

    pub(crate) fn repository(&self) -> &Path {
        &self.repository
    }

    /// Where results, copies and generated crates go.
    pub(crate) fn output(&self) -> &Path {
        &self.output
    }

    /// A directory for copies that is removed in the end; not in the system's own, where others may write.
    pub(crate) fn scratch(&self) -> Outcome<tempfile::TempDir> {
        fs::create_dir_all(&self.output)?;
        Ok(tempfile::tempdir_in(&self.output)?)
    }

    /// Where cargo builds: other workspaces that build there find what they share.
    pub(crate) fn built(&self) -> PathBuf {
        self.output.join("build")
    }
}

/// A cargo command on a workspace.
pub(crate) fn cargo(arguments: &[&str], manifest: &Path, target: &Path) -> Outcome<()> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).arg("--manifest-path").arg(manifest).arg("--target-dir").arg(target).arg("--quiet");
    if cargo.status()?.success() { Ok(()) } else { Err(format!("{cargo:?} failed").into()) }
}
