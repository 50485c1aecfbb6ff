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
    entries: HashMap<PathBuf, Entry, FixedState>,
    /// Whether the file does not say what is here.
    changed: bool,
}

/// What is kept of a file.
#[derive(Debug)]
struct Entry {
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
        let entries = file.and_then(|file| format::read(Arc::clone(file.original())));
        let changed = entries.is_none();
        Self { path, entries: entries.unwrap_or_default(), changed }
    }

    /// How many files it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
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
        format::write(&self.path, &self.entries)?;
        self.changed = false;
        Ok(())
    }

    /// Forgets which files were found.
    pub(crate) fn begin(&mut self) {
        for entry in self.entries.values_mut() {
            entry.seen = false;
        }
    }

    /// What is kept of a file whose status is `stamp` now.
    pub(crate) fn recall(&mut self, path: &Path, stamp: Stamp) -> Option<Kept> {
        let entry = self.entries.get_mut(path).filter(|entry| entry.stamp == stamp)?;
        entry.seen = true;
        Some(entry.kept.clone())
    }

    /// Keeps what a file says.
    pub(crate) fn keep(&mut self, path: &Path, stamp: Stamp, description: &Description) {
        let kept = Kept::in_memory(description);
        self.entries.insert(path.to_owned(), Entry { stamp, kept, seen: true });
        self.changed = true;
    }

    /// Forgets the files that were not found.
    pub(crate) fn end(&mut self) {
        let before = self.entries.len();
        self.entries.retain(|_, entry| entry.seen);
        self.changed |= self.entries.len() != before;
    }
}
