//! What many plugin files say, kept from one start of a program to the next.
//!
//! An entry is a saving, never an authority: it is used only while the file's status is to the last digit what it was when the
//! file was read, and only to tell what the file says. Whatever is loaded is opened, judged and read anew.

#![forbid(unsafe_code)]

mod candidate;
mod format;
mod stamp;

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use foldhash::fast::FixedState;

use crate::file::{MaxFileSize, OpenFile};
pub use candidate::{Candidate, Description};
pub(crate) use candidate::{Kept, inspect};
pub(crate) use stamp::Stamp;

/// What the files of a host's directories said when they were last read, in a file of its own: a start with thousands of
/// plugins then looks at the status of each file, and reads only those that changed.
///
/// ```no_run
/// use plugin_host::{Host, Index};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # // SAFETY: an example that is not run.
/// let host = unsafe { Host::trusting_dir("plugins") }?;
/// let mut index = Index::open("/var/cache/app/plugins.index");
/// for candidate in host.inspect_all_with(&mut index)? {
///     if let Ok(description) = candidate.description() {
///         println!("{}: {}", candidate.path().display(), description.descriptor()?.name);
///     }
/// }
/// index.save()?;
/// # Ok(())
/// # }
/// ```
///
/// An entry counts only if the file has the same path, device, inode, size, and times of change and of status change, to the
/// nanosecond, as when it was read. A file that was changed shortly before it was read is not kept: another change within
/// the resolution of the clock could not be told (as git does, "racy"). Nothing is loaded by what an index says: an open judges
/// and reads the file itself.
///
/// An index belongs to one host: it is left with what that host found. Whoever can write to it can have wrong names shown, so
/// keep it where only the program's user writes. One that is missing, broken or of another version is an empty one.
///
/// # Platform-specific behaviour
///
/// On Unix. Elsewhere files have no status that tells as much: an index stays empty. On a network file system whose clock is
/// more than two seconds behind this machine's, a file could be kept that is changed again within that time.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    /// What is kept since an earlier start.
    read: Option<format::Read>,
    /// What is kept since this one.
    added: HashMap<PathBuf, Added, FixedState>,
    /// Whether the file does not say what is here.
    changed: bool,
}

/// What is kept of a file.
#[derive(Debug)]
struct Added {
    stamp: Stamp,
    kept: Kept,
    /// Whether the file was found by the last look.
    seen: bool,
}

impl Index {
    /// The index at a path, which need not be there: what cannot be read is an empty index.
    #[must_use]
    pub fn open(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_owned();
        // Opened as plugins are: a pipe in its place would keep the program waiting.
        let file = OpenFile::open_within(&path, MaxFileSize(u64::MAX)).ok();
        let read = file.and_then(|file| format::read(Arc::clone(file.original())));
        let changed = read.is_none();
        Self { path, read, added: HashMap::default(), changed }
    }

    /// How many files it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read.as_ref().map_or(0, format::Read::len).saturating_add(self.added.len())
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the index, if it says anything new: beside the old one, which it then replaces.
    ///
    /// # Errors
    ///
    /// What the system says. The old index is still there then.
    pub fn save(&mut self) -> io::Result<()> {
        if !self.changed {
            return Ok(());
        }
        let added = self.added.iter().filter_map(|(path, Added { stamp, kept, seen: _ })| {
            let path = format::bytes_of(path)?;
            Some(format::Entry { path, stamp: *stamp, kept: kept.clone() })
        });
        format::write(&self.path, self.read.iter().flat_map(format::Read::entries).chain(added))?;
        self.changed = false;
        Ok(())
    }

    /// Forgets which files were found.
    pub(crate) fn begin(&mut self) {
        self.read.iter_mut().for_each(format::Read::begin);
        self.added.values_mut().for_each(|added| added.seen = false);
    }

    /// What is kept of a file whose status is `stamp` now.
    pub(crate) fn recall(&mut self, path: &Path, stamp: Stamp) -> Option<Kept> {
        // Of a start that reads no file, nothing is asked here.
        if !self.added.is_empty()
            && let Some(added) = self.added.get_mut(path)
        {
            added.seen = added.stamp == stamp;
            return added.seen.then(|| added.kept.clone());
        }
        self.read.as_mut()?.recall(format::bytes_of(path)?, &stamp)
    }

    /// Keeps what a file says.
    pub(crate) fn keep(&mut self, path: &Path, stamp: Stamp, description: &Description) {
        // What was kept of it before is of another status, so not found: `end` forgets it.
        let kept = Kept::in_memory(description);
        self.added.insert(path.to_owned(), Added { stamp, kept, seen: true });
        self.changed = true;
    }

    /// Forgets the files that were not found.
    pub(crate) fn end(&mut self) {
        let before = self.len();
        self.read.iter_mut().for_each(format::Read::end);
        self.added.retain(|_, added| added.seen);
        self.changed |= self.len() != before;
    }
}
