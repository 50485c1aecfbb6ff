//! `size`: what the framework adds to a plugin, against a library with one bare function.

use std::{fs, path::Path};

use crate::{cargo, error::TaskError, stage, workspace::Workspace};

/// A plugin of the comparison, and how many times the size of the bare library it may have, in hundredths.
const LIMITS: [(&str, &str, u64); 2] = [
    ("size-scalar", "one function of a number", 110),
    ("size-text", "one interface with text and vectors", 120),
];

const BARE: &str = "size-bare";

/// Where the crates of the comparison are: a workspace of their own, built as users build.
const CRATES: &str = "tests/size";

pub(crate) fn run(workspace: &Workspace) -> Result<(), TaskError> {
    let manifest = workspace.root().join(CRATES).join("Cargo.toml");
    let target = workspace.target_directory().join("size");
    let built = cargo::build(vec![
        "--release".into(),
        "--workspace".into(),
        "--manifest-path".into(),
        manifest.into(),
        "--target-dir".into(),
        target.into(),
    ])?;
    let size = |package: &'static str| -> Result<u64, TaskError> {
        let library =
            built.shared_library_of(package).ok_or(TaskError::NoLibrary { package: package.to_owned() })?;
        stripped_size(&library)
    };
    let bare = size(BARE)?;
    println!("{bare:>9} bytes  1.00         a bare `extern \"C\"` function");
    for (package, what, limit) in LIMITS {
        let size = size(package)?;
        let ratio = size * 100 / bare;
        println!(
            "{size:>9} bytes  {}.{:02}  <= {}.{:02}  {what}",
            ratio / 100,
            ratio % 100,
            limit / 100,
            limit % 100
        );
        if size * 100 > bare * limit {
            return Err(TaskError::TooLarge { package, size, bare, limit });
        }
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
