//! The files in a directory that there are formatters for.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::{error::FileError, formatters::Formatters};

/// Every file under `root` that something formats, by path. Not those that are hidden, that `.gitignore` and `.ignore`
/// exclude, or that are reached by symbolic links only. A file named by itself is taken whatever it is.
///
/// What could not be searched is among them, with the reason.
#[must_use]
pub fn find(root: &Path, formatters: &Formatters) -> Vec<(PathBuf, Result<(), FileError>)> {
    let mut found = Vec::new();
    // Also outside of a repository: somebody who unpacks an archive means the same files.
    for entry in WalkBuilder::new(root).require_git(false).build() {
        match entry {
            Ok(entry) if is_for(&entry, formatters) => found.push((entry.into_path(), Ok(()))),
            Ok(_) => {}
            Err(error) => found.push((root.to_owned(), Err(error.into()))),
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found
}

fn is_for(entry: &ignore::DirEntry, formatters: &Formatters) -> bool {
    let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
    match entry.depth() {
        0 => !entry.path().is_dir(),
        _ => is_file && formatters.of_file(entry.path()).is_some(),
    }
}
