//! A file that may be a plugin, and what it says.

use std::{
    fmt,
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use plugin_core::descriptor::{DecodeError, Descriptor};
use xxhash_rust::xxh3::xxh3_128;

use crate::{
    decode,
    file::{MaxFileSize, OpenFile},
    inspect::{InspectError, Inspected},
};

/// What a plugin file says about itself: its descriptor.
#[derive(Clone)]
pub struct Description {
    bytes: Arc<[u8]>,
}

impl Description {
    /// The plugin's own description: name, version, interfaces, exports, toolchain.
    ///
    /// # Errors
    ///
    /// What is wrong with the table of types; nothing in what a compiler wrote. All else was checked when the file was read.
    pub fn descriptor(&self) -> Result<Descriptor<'_>, DecodeError> {
        decode::whole(&self.bytes)
    }

    pub(crate) fn of(inspected: &Inspected) -> Self {
        Self { bytes: Arc::clone(inspected.descriptor_bytes()) }
    }

    pub(super) fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.descriptor() {
            Ok(descriptor) => write!(f, "Description({} {})", descriptor.name, descriptor.version),
            Err(error) => write!(f, "Description({error})"),
        }
    }
}

/// A descriptor in an index.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(super) place: Place,
    pub(super) len: u32,
    /// XXH3, 128 bits, of the bytes.
    pub(super) digest: u128,
}

#[derive(Debug, Clone)]
pub(super) enum Place {
    Memory(Arc<[u8]>),
    /// At this offset of an index.
    File(Arc<File>, u64),
}

impl Kept {
    pub(super) fn in_memory(description: &Description) -> Self {
        let bytes = Arc::clone(description.bytes());
        // A descriptor has a megabyte at most.
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Self { digest: xxh3_128(&bytes), len, place: Place::Memory(bytes) }
    }

    /// The descriptor; `None` if the index does not hold it any more.
    pub(super) fn read(&self) -> Option<Arc<[u8]>> {
        match &self.place {
            Place::Memory(bytes) => Some(Arc::clone(bytes)),
            Place::File(file, offset) => {
                let mut bytes = vec![0; usize::try_from(self.len).ok()?];
                super::format::read_at(file, &mut bytes, *offset).ok()?;
                (xxh3_128(&bytes) == self.digest).then(|| bytes.into())
            }
        }
    }
}

/// A file that may be a plugin: [`Host::inspect_all`](crate::Host::inspect_all) found it.
pub struct Candidate {
    path: PathBuf,
    limit: MaxFileSize,
    kept: Option<Kept>,
    said: OnceLock<Result<Description, InspectError>>,
}

impl Candidate {
    pub(crate) fn kept(path: PathBuf, limit: MaxFileSize, kept: Kept) -> Self {
        Self { path, limit, kept: Some(kept), said: OnceLock::new() }
    }

    pub(crate) fn read(path: PathBuf, limit: MaxFileSize, said: Result<Description, InspectError>) -> Self {
        Self { path, limit, kept: None, said: OnceLock::from(said) }
    }

    /// The file, in the directory in which it was found.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file says about itself. Nobody was asked for trust, and whether a host takes it is not judged.
    ///
    /// What comes from an index is read from there now, or else from the file.
    ///
    /// # Errors
    ///
    /// What kept the file from being read as a plugin.
    pub fn description(&self) -> Result<&Description, &InspectError> {
        let read = || match self.kept.as_ref().and_then(Kept::read) {
            Some(bytes) => Ok(Description { bytes }),
            None => inspect(&self.path, true, self.limit).map(|inspected| Description::of(&inspected)),
        };
        self.said.get_or_init(read).as_ref()
    }

    /// Whether an index has it, so that the file was not read.
    #[must_use]
    pub fn is_from_index(&self) -> bool {
        self.kept.is_some()
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("path", &self.path)
            .field("said", &self.said)
            .finish_non_exhaustive()
    }
}

/// Reads a file. One that is no link itself need not be resolved: which directories lead to it does not matter here.
pub(crate) fn inspect(path: &Path, may_be_link: bool, limit: MaxFileSize) -> Result<Inspected, InspectError> {
    let file = match may_be_link {
        true => OpenFile::open_within(path, limit),
        false => OpenFile::open_resolved(path.to_owned(), limit),
    };
    Inspected::read_open(file?)
}
