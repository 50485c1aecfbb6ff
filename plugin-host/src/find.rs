//! Where a plugin's file is: a path as it is, a name by the platform's rule in the host's directories.
#![forbid(unsafe_code)]

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    io,
    path::{Component, Path, PathBuf},
};

use crate::error::OpenError;

/// The file for what the caller asked for.
pub(crate) fn file(asked: &Path, directories: &[&Path]) -> Result<PathBuf, OpenError> {
    if asked.as_os_str().is_empty() {
        return Err(OpenError::NoName);
    }
    let Some(name) = plain_name(asked) else {
        return Ok(asked.to_owned());
    };
    let candidates =
        || directories.iter().flat_map(|directory| file_names(name).map(|file| directory.join(file)));
    match candidates().find(|candidate| candidate.symlink_metadata().is_ok()) {
        Some(found) => Ok(found),
        None => Err(OpenError::NotFound { name: name.to_owned(), searched: candidates().collect() }),
    }
}

/// `lz4` and `liblz4.so` are names; `./lz4`, `plugins/lz4` and absolute paths are paths.
fn plain_name(asked: &Path) -> Option<&str> {
    let mut components = asked.components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(name)), None) if name.len() == asked.as_os_str().len() => name.to_str(),
        _ => None,
    }
}

/// The names that a plugin called `name` may have on disk: cargo writes `-` as `_`. One that ends as libraries do is the
/// name of a file.
fn file_names(name: &str) -> impl Iterator<Item = String> {
    let by_rule =
        (!name.ends_with(DLL_SUFFIX)).then(|| format!("{DLL_PREFIX}{}{DLL_SUFFIX}", name.replace('-', "_")));
    by_rule.into_iter().chain([name.to_owned()])
}

/// Every file in the directories that looks like a shared library by its name, sorted by path.
pub(crate) fn libraries(directories: &[&Path]) -> Result<Vec<PathBuf>, OpenError> {
    let mut found = Vec::new();
    for directory in directories {
        let unreadable = |source| OpenError::Directory { path: (*directory).to_owned(), source };
        let entries = match directory.read_dir() {
            // A place to search need not exist, and a trusted one that was removed has nothing in it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(unreadable)?,
        };
        for entry in entries {
            let path = entry.map_err(unreadable)?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(DLL_SUFFIX)) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_told_apart() {
        for name in ["lz4", "codec-lz4", "liblz4.so"] {
            assert_eq!(plain_name(Path::new(name)), Some(name));
        }
        for path in ["./lz4", "plugins/lz4", "/lz4", "..", ".", "", "lz4/"] {
            assert_eq!(plain_name(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn a_name_is_that_of_a_plugin_or_of_its_file() {
        let file = format!("{DLL_PREFIX}codec_lz4{DLL_SUFFIX}");
        assert!(file_names("codec-lz4").eq([file.clone(), "codec-lz4".to_owned()]));
        assert!(file_names(&file).eq([file.clone()]));
    }
}
