//! Where a host looks for plugins, and what is there.
#![forbid(unsafe_code)]

use std::{
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::Host;
use crate::{
    error::OpenError,
    file::MaxFileSize,
    find::{self, Library},
    index::{self, Candidate, Description, Index, Stamp},
    inspect::InspectError,
    linked::Linked,
};

/// # Search
///
/// A name is looked for in the trusted directories, then in those that are only searched, in each case in the order in which
/// they were declared: the first that has a file of that name has the plugin, whatever is in later ones. No other place is
/// searched: not the current directory, not those of the system's loader.
impl Host {
    /// This host with one more directory to search: the one in which the program's own file is, with every link resolved.
    /// Nobody vouches for what is in it, as for [`searching`](Self::searching).
    ///
    /// # Errors
    ///
    /// If the system does not say where the program is.
    pub fn searching_executable_dir(self) -> io::Result<Self> {
        let program = std::env::current_exe()?.canonicalize()?;
        let directory = program.parent().ok_or(io::ErrorKind::NotFound)?;
        Ok(self.searching(directory))
    }

    /// This host with the directories of an environment variable to search: a list as `PATH` is, read now. Nobody vouches
    /// for what is in them, as for [`searching`](Self::searching).
    ///
    /// Whoever starts the program sets the variable. What is relative to the current directory, or empty, is left out: it
    /// would lead elsewhere with each start. A variable that is not set adds nothing.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// let host = unsafe { plugin_host::Host::trusting_dir("/usr/lib/app/plugins") }?.searching_env("APP_PLUGINS");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn searching_env(self, variable: impl AsRef<OsStr>) -> Self {
        let value = std::env::var_os(variable).unwrap_or_default();
        std::env::split_paths(&value).filter(|path| path.is_absolute()).fold(self, Self::searching)
    }

    /// What there is to open: the names of the plugins that are [linked](Self::linking) into this program, and then the files in
    /// the directories that are searched which look like shared libraries by their names: in the order of the search, those of
    /// one directory by name. Whether one is a plugin shows when it is opened, or by [`inspect_all`](Self::inspect_all).
    ///
    /// A file whose name is in an earlier directory, too, or is that of a linked plugin, is left out: by its name, it is not
    /// found either. A directory that
    /// does not exist has nothing in it.
    ///
    /// # Errors
    ///
    /// If a directory cannot be listed.
    pub fn discover(&self) -> Result<Vec<PathBuf>, OpenError> {
        let linked = self.policy.linked.iter().flat_map(Linked::names).map(PathBuf::from);
        Ok(linked.chain(self.libraries()?.iter().map(Library::path)).collect())
    }

    /// Reads what each file says that [`discover`](Self::discover) finds; what is linked says it by [`verify`](Self::verify). Nothing of them is executed or mapped, and nobody
    /// is asked whether they are trusted.
    ///
    /// # Errors
    ///
    /// If a directory cannot be listed. What is wrong with a file, its candidate says.
    pub fn inspect_all(&self) -> Result<Vec<Candidate>, OpenError> {
        let limit = self.policy.max_file_size;
        let read = |library: &Library| {
            let path = library.path();
            let said = index::inspect(&path, library.is_link(), limit);
            Candidate::read(path, limit, said.map(|inspected| Description::of(&inspected)))
        };
        Ok(self.libraries()?.iter().map(read).collect())
    }

    /// As [`inspect_all`](Self::inspect_all), but reads only the files that an index does not know, or that have changed
    /// since. The index knows these files then, and no others; [`Index::save`] keeps it for the next start.
    ///
    /// # Errors
    ///
    /// As for [`inspect_all`](Self::inspect_all).
    pub fn inspect_all_with(&self, index: &mut Index) -> Result<Vec<Candidate>, OpenError> {
        let limit = self.policy.max_file_size;
        let found = self.libraries()?;
        index.begin();
        let candidates = found.iter().map(|library| {
            let path = library.path();
            if let Some(stamp) = library.status().as_ref().and_then(Stamp::of)
                && let Some(kept) = index.recall(&path, stamp)
            {
                return Candidate::kept(path, limit, kept);
            }
            let said = read_into(index, &path, library.is_link(), limit);
            Candidate::read(path, limit, said)
        });
        let candidates = candidates.collect();
        index.end();
        Ok(candidates)
    }

    fn libraries(&self) -> Result<Vec<Library>, OpenError> {
        let places: Vec<_> = self.policy.trust.places().collect();
        find::libraries(&places, &self.policy.linked)
    }
}

/// Reads a file, and keeps what it says if a later change of it would show.
fn read_into(
    index: &mut Index,
    path: &Path,
    may_be_link: bool,
    limit: MaxFileSize,
) -> Result<Description, InspectError> {
    let before = SystemTime::now();
    let inspected = index::inspect(path, may_be_link, limit)?;
    let description = Description::of(&inspected);
    // Of the file that was read, after it was read: whoever changed it meanwhile has given it a time later than `before`.
    let stamp = inspected.file.file().metadata().ok().as_ref().and_then(Stamp::of);
    if let Some(stamp) = stamp.filter(|stamp| stamp.was_settled(before)) {
        index.keep(path, stamp, &description);
    }
    Ok(description)
}
