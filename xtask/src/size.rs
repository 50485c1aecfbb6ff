//! `size`: what the framework adds to a plugin, against a library with bare functions.

use std::{fs, path::Path};

use crate::{
    cargo::{self, Built},
    error::TaskError,
    stage,
    workspace::Workspace,
};

/// A plugin of the comparison, the bare library that it is compared with, and how many times the size of that it may have, in
/// hundredths.
struct Limit {
    what: &'static str,
    plugin: &'static str,
    bare: &'static str,
    hundredths: u64,
}

const LIMITS: [Limit; 2] = [
    Limit { what: "one function of a number", plugin: "size-scalar", bare: "size-bare", hundredths: 105 },
    Limit {
        what: "one interface with text and vectors",
        plugin: "size-text",
        bare: "size-bare",
        hundredths: 115,
    },
];

/// In the workspace of the measurements, where plugins and bare libraries are stripped as they are built.
const LARGE: Limit = Limit {
    what: "50 methods and 30 nested structs",
    plugin: "many-of-a-thousand",
    bare: "bare-many",
    hundredths: 125,
};

/// Where the crates of the comparison are: workspaces of their own, built as users build.
const CRATES: &str = "tests/size";
const LARGE_CRATES: &str = "benches/plugins";

pub(crate) fn run(workspace: &Workspace) -> Result<(), TaskError> {
    let built = build(workspace, CRATES, &["--workspace".to_owned()])?;
    for limit in &LIMITS {
        compare(&built, limit)?;
    }
    let packages = [LARGE.plugin, LARGE.bare].map(|package| format!("--package={package}"));
    compare(&build(workspace, LARGE_CRATES, &packages)?, &LARGE)
}

fn build(workspace: &Workspace, crates: &str, packages: &[String]) -> Result<Built, TaskError> {
    let manifest = workspace.root().join(crates).join("Cargo.toml");
    let target = workspace.target_directory().join("size");
    let mut arguments = vec!["--release".into(), "--manifest-path".into(), manifest.into()];
    arguments.extend(["--target-dir".into(), target.into()]);
    arguments.extend(packages.iter().map(Into::into));
    cargo::build(arguments)
}

fn compare(built: &Built, limit: &Limit) -> Result<(), TaskError> {
    let Limit { what, plugin, bare, hundredths } = *limit;
    let size = |package: &'static str| -> Result<u64, TaskError> {
        let library =
            built.shared_library_of(package).ok_or(TaskError::NoLibrary { package: package.to_owned() })?;
        stripped_size(&library)
    };
    let (size, bare) = (size(plugin)?, size(bare)?);
    let show = |hundredths: u64| format!("{}.{:02}", hundredths / 100, hundredths % 100);
    let ratio = show(size * 100 / bare);
    println!("{size:>9} bytes of {bare}  {ratio} <= {}  {what}", show(hundredths));
    if size * 100 > bare * hundredths {
        return Err(TaskError::TooLarge { package: plugin, size, bare, limit: hundredths });
    }
    Ok(())
}

fn stripped_size(library: &Path) -> Result<u64, TaskError> {
    let directory = tempfile::tempdir().map_err(TaskError::file("create", &std::env::temp_dir()))?;
    let stripped = directory.path().join("stripped");
    stage::strip(library, &stripped)?;
    let metadata = fs::metadata(&stripped).map_err(TaskError::file("read", &stripped))?;
    Ok(metadata.len())
}
