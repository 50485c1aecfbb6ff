//! Copies of a plugin: files of their own, and plugins of their own by their names.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::Outcome;

#[path = "../../tests/src/patch.rs"]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "of the tests, on our own plugins"
)]
mod patch;

pub(crate) use patch::patch_descriptor;

/// Copies `library` into a directory, each as a plugin of another name than `name`, which is its own.
pub(crate) fn renamed(library: &Path, name: &str, directory: &Path, count: usize) -> Outcome<Vec<PathBuf>> {
    let bytes = fs::read(library)?;
    (0..count)
        .map(|number| {
            let own = format!("plugin-{number:04}");
            let file = directory.join(format!("lib{}.so", own.replace('-', "_")));
            fs::write(&file, patch::patch_text(&bytes, name, &own))?;
            Ok(file)
        })
        .collect()
}
