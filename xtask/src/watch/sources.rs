//! The sources of a workspace at one moment.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::SystemTime,
};

use ignore::WalkBuilder;

/// Every file that is a source, and every directory with such files.
#[derive(Debug, Default)]
pub(super) struct Sources {
    files: BTreeMap<PathBuf, State>,
    directories: BTreeSet<PathBuf>,
}

/// What changes when a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    modified: Option<SystemTime>,
    length: u64,
}

impl Sources {
    /// Everything below `roots` that is not hidden, not named by a `.gitignore`, and not below `excluded`. What cannot be read is
    /// left out: it may be there the next time.
    pub(super) fn of(roots: &BTreeSet<PathBuf>, excluded: &[PathBuf]) -> Self {
        let mut sources = Self::default();
        let mut roots = roots.iter();
        let Some(first) = roots.next() else {
            return sources;
        };
        let mut walk = WalkBuilder::new(first);
        roots.for_each(|root| _ = walk.add(root));
        let excluded = excluded.to_vec();
        walk.require_git(false).filter_entry(move |entry| !excluded.iter().any(|path| path == entry.path()));
        for entry in walk.build().flatten() {
            let Ok(found) = entry.metadata() else {
                continue;
            };
            if found.is_dir() {
                sources.directories.insert(entry.into_path());
            } else {
                let state = State { modified: found.modified().ok(), length: found.len() };
                sources.files.insert(entry.into_path(), state);
            }
        }
        sources
    }

    /// The directories that others do not have.
    pub(super) fn directories_beyond<'s>(&'s self, others: &'s Self) -> impl Iterator<Item = &'s Path> {
        self.directories.difference(&others.directories).map(PathBuf::as_path)
    }

    /// The files that are others here than there, or only in one of both.
    pub(super) fn differing<'s>(&'s self, others: &'s Self) -> Vec<&'s Path> {
        let here = self.files.iter().filter(|(path, state)| others.files.get(*path) != Some(state));
        let gone = others.files.iter().filter(|(path, _)| !self.files.contains_key(*path));
        here.chain(gone).map(|(path, _)| path.as_path()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn sources_are_what_no_build_writes() {
        let place = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            path
        };
        let library = write("one/src/lib.rs", "a");
        write(".gitignore", "/logs\n");
        write("target/debug/build.rs", "a");
        write("logs/today.rs", "a");
        write("one/.lib.rs.swp", "a");
        let roots = [place.path().to_owned(), place.path().join("one")].into();
        let look = || Sources::of(&roots, &[place.path().join("target")]);
        let before = look();
        assert_eq!(before.differing(&Sources::default()), [library.as_path()]);
        assert_eq!(look().differing(&before), [] as [&Path; 0]);

        write("target/debug/more.rs", "a");
        write("logs/today.rs", "more");
        write("one/.lib.rs.swp", "more");
        assert_eq!(look().differing(&before), [] as [&Path; 0]);

        write("one/src/lib.rs", "more");
        let new = write("one/src/new/mod.rs", "a");
        let after = look();
        assert_eq!(after.differing(&before), [library.as_path(), new.as_path()]);
        assert_eq!(after.directories_beyond(&before).collect::<Vec<_>>(), [new.parent().unwrap()]);
        fs::remove_file(&new).unwrap();
        assert_eq!(look().differing(&after), [new.as_path()]);
    }
}
