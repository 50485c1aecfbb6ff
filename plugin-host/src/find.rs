//! Where a plugin's file is: a path as it is, a name by the platform's rule in the host's directories.
#![forbid(unsafe_code)]

use std::{
    collections::HashSet,
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    ffi::OsString,
    fs::{self, DirEntry, Metadata},
    io, iter,
    path::{Component, Path, PathBuf},
};

use crate::{
    error::OpenError,
    file::Look,
    linked::{Linked, LinkedPlugin},
};

/// What a caller means.
pub(crate) enum Found<'p> {
    Linked(LinkedPlugin),
    File(Look<'p>),
}

/// What the caller asked for: a plugin that is linked into this program before a file, of which there may be another one
/// tomorrow.
pub(crate) fn plugin<'p, 'd>(
    asked: &'p Path,
    linked: &[Linked],
    directories: impl Iterator<Item = &'d Path> + Clone,
) -> Result<Found<'p>, OpenError> {
    if asked.as_os_str().is_empty() {
        return Err(OpenError::NoName);
    }
    let Some(name) = plain_name(asked) else {
        return Ok(Found::File(Look::at(asked)));
    };
    let plugins = || linked.iter().flat_map(Linked::plugins);
    match plugins().find(|plugin| plugin.is_called(name)) {
        Some(plugin) => Ok(Found::Linked(plugin)),
        None => file(name, directories, || plugins().map(LinkedPlugin::name).collect()).map(Found::File),
    }
}

/// The file of a plugin called `name`.
fn file<'d>(
    name: &str,
    directories: impl Iterator<Item = &'d Path> + Clone,
    linked: impl FnOnce() -> Vec<&'static str>,
) -> Result<Look<'static>, OpenError> {
    let candidates = || directories.clone().flat_map(|directory| files(directory, name));
    // A directory is no plugin, and may well be called as one.
    match candidates().map(Look::at).find(Look::is_of_a_file) {
        Some(found) => Ok(found),
        None => {
            let searched = candidates().collect();
            Err(OpenError::NotFound { name: name.to_owned(), searched, linked: linked() })
        }
    }
}

/// `lz4` and `liblz4.so` are names; `./lz4`, `plugins/lz4` and absolute paths are paths.
fn plain_name(asked: &Path) -> Option<&str> {
    // Most are paths, and tell at once.
    if asked.as_os_str().as_encoded_bytes().contains(&b'/') {
        return None;
    }
    let mut components = asked.components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(name)), None) if name.len() == asked.as_os_str().len() => name.to_str(),
        _ => None,
    }
}

/// The files that a plugin called `name` may be in: cargo writes `-` as `_`. A name that ends as libraries do is that of the
/// file.
fn files(directory: &Path, name: &str) -> impl Iterator<Item = PathBuf> {
    let by_rule = (!name.ends_with(DLL_SUFFIX)).then(|| {
        let around = directory.as_os_str().len() + 1 + DLL_PREFIX.len() + DLL_SUFFIX.len();
        let mut path = PathBuf::with_capacity(around + name.len());
        path.push(directory);
        path.push(DLL_PREFIX);
        let mut path = path.into_os_string();
        for (index, part) in name.split('-').enumerate() {
            path.push(if index == 0 { "" } else { "_" });
            path.push(part);
        }
        path.push(DLL_SUFFIX);
        PathBuf::from(path)
    });
    by_rule.into_iter().chain(iter::once_with(move || directory.join(name)))
}

/// A file that looks like a shared library by its name.
pub(crate) struct Library {
    name: OsString,
    entry: DirEntry,
}

impl Library {
    pub(crate) fn path(&self) -> PathBuf {
        self.entry.path()
    }

    fn is_directory(&self) -> bool {
        self.entry.file_type().is_ok_and(|kind| kind.is_dir())
    }

    pub(crate) fn is_link(&self) -> bool {
        // Where the system does not say, it may be one.
        self.entry.file_type().map_or(true, |kind| kind.is_symlink())
    }

    /// The status of what it leads to: asked of the open directory, unless it is a link.
    pub(crate) fn status(&self) -> Option<Metadata> {
        let status = self.entry.metadata().ok()?;
        if status.is_symlink() { fs::metadata(self.path()).ok() } else { Some(status) }
    }
}

/// Every file in the directories that looks like a shared library by its name: in the order of the directories, by name in
/// each, and none whose name is in an earlier one, or means a plugin that is linked into this program.
pub(crate) fn libraries(directories: &[&Path], linked: &[Linked]) -> Result<Vec<Library>, OpenError> {
    let mut found: Vec<Library> = Vec::new();
    let linked = linked.iter().flat_map(Linked::names).flat_map(|name| files(Path::new(""), name));
    let mut known: HashSet<OsString> = linked.map(OsString::from).collect();
    for (index, directory) in directories.iter().enumerate() {
        let unreadable = |source| OpenError::Directory { path: (*directory).to_owned(), source };
        let entries = match directory.read_dir() {
            // A place to search need not exist, and a trusted one that was removed has nothing in it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(unreadable)?,
        };
        let begin = found.len();
        for entry in entries {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name();
            let is_library = name.as_encoded_bytes().ends_with(DLL_SUFFIX.as_bytes());
            if is_library && !known.contains(&name) {
                found.push(Library { name, entry });
            }
        }
        let added = found.get_mut(begin..).unwrap_or_default();
        added.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        if index + 1 < directories.len() {
            // A directory is no plugin, and hides none.
            let files = added.iter().filter(|library| !library.is_directory());
            known.extend(files.map(|library| library.name.clone()));
        }
    }
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
    fn a_directory_of_the_name_hides_nothing() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(one.path().join("lz4")).unwrap();
        let expected = other.path().join(format!("{DLL_PREFIX}lz4{DLL_SUFFIX}"));
        fs::write(&expected, "a library").unwrap();
        let found = file("lz4", [one.path(), other.path()].into_iter(), Vec::new).unwrap();
        assert_eq!(found.path(), expected);
        let missing = file("lz4", [one.path()].into_iter(), Vec::new).unwrap_err();
        assert!(matches!(missing, OpenError::NotFound { .. }), "{missing:?}");
    }

    #[test]
    fn a_directory_hides_no_library_from_a_listing() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let name = format!("{DLL_PREFIX}lz4{DLL_SUFFIX}");
        fs::create_dir(one.path().join(&name)).unwrap();
        fs::write(other.path().join(&name), "a library").unwrap();
        let found = libraries(&[one.path(), other.path()], &[]).unwrap();
        assert!(found.iter().map(Library::path).eq([one, other].map(|place| place.path().join(&name))));
    }

    #[test]
    fn a_name_is_that_of_a_plugin_or_of_its_file() {
        let file = format!("{DLL_PREFIX}codec_lz4{DLL_SUFFIX}");
        let directory = Path::new("plugins");
        assert!(files(directory, "codec-lz4").eq([directory.join(&file), directory.join("codec-lz4")]));
        assert!(files(directory, &file).eq([directory.join(&file)]));
        assert!(files(Path::new(""), "codec-lz4").eq([&*file, "codec-lz4"].map(PathBuf::from)));
    }
}
