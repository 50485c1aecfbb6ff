//! The index as bytes. All integers are little-endian; version 1.
//!
//! ```text
//! 0..8     "plugidx\n"
//! 8..12    version of the format
//! 12..16   number of entries
//! 16..24   size of the table, in bytes
//! 24..40   XXH3, 128 bits, of the table
//! 40..     the table: for each entry
//!            0..2     length of the path
//!            2..      path, as the system has it
//!            ..+8     device
//!            ..+8     inode
//!            ..+8     size of the file
//!            ..+16    time of its last change: seconds since 1970, nanoseconds
//!            ..+16    time of its status' last change, likewise
//!            ..+8     offset of its descriptor in the index
//!            ..+4     length of it
//!            ..+16    XXH3, 128 bits, of it
//! ..       the descriptors; equal ones are there once
//! ```
//!
//! What contradicts itself anywhere is no index. The descriptors are read when they are asked for.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
    sync::atomic::{AtomicU64, Ordering},
};

use foldhash::fast::FixedState;
use xxhash_rust::xxh3::xxh3_128;

use super::{
    Entry,
    candidate::{Kept, Place},
    stamp::{Stamp, Time},
};
use crate::object_file::MAX_DESCRIPTOR_SIZE;

const MAGIC: [u8; 8] = *b"plugidx\n";
const VERSION: u32 = 1;
const HEADER_SIZE: usize = 40;

/// A hundred thousand files with long paths.
const MAX_TABLE_SIZE: u64 = 64 << 20;

type Entries = HashMap<PathBuf, Entry, FixedState>;

/// What an index says; `None` if it is none.
pub(super) fn read(file: Arc<File>) -> Option<Entries> {
    let metadata = file.metadata().ok().filter(fs::Metadata::is_file)?;
    let mut header = [0; HEADER_SIZE];
    read_at(&file, &mut header, 0).ok()?;
    let mut header = Bytes(&header);
    if header.array::<8>()? != MAGIC || u32::from_le_bytes(header.array()?) != VERSION {
        return None;
    }
    let count = usize::try_from(u32::from_le_bytes(header.array()?)).ok()?;
    let size = header.u64()?;
    let digest = u128::from_le_bytes(header.array()?);
    if size > MAX_TABLE_SIZE || size > metadata.len() {
        return None;
    }
    let mut table = vec![0; usize::try_from(size).ok()?];
    read_at(&file, &mut table, HEADER_SIZE as u64).ok()?;
    if xxh3_128(&table) != digest {
        return None;
    }
    let mut table = Bytes(&table);
    // Each entry has more bytes than this.
    let mut entries = Entries::with_capacity_and_hasher(count.min(table.0.len() / 64), FixedState::default());
    for _ in 0..count {
        let (path, entry) = entry(&mut table, &file, metadata.len())?;
        entries.insert(path, entry);
    }
    table.0.is_empty().then_some(entries)
}

fn entry(table: &mut Bytes<'_>, file: &Arc<File>, file_size: u64) -> Option<(PathBuf, Entry)> {
    let length = usize::from(u16::from_le_bytes(table.array()?));
    let path = path_of(table.take(length)?)?;
    let stamp = Stamp {
        device: table.u64()?,
        inode: table.u64()?,
        size: table.u64()?,
        modified: table.time()?,
        changed: table.time()?,
    };
    let offset = table.u64()?;
    let len = u32::from_le_bytes(table.array()?);
    let digest = u128::from_le_bytes(table.array()?);
    let is_inside = offset.checked_add(len.into()).is_some_and(|end| end <= file_size);
    if !is_inside || u64::from(len) > MAX_DESCRIPTOR_SIZE {
        return None;
    }
    let kept = Kept { place: Place::File(Arc::clone(file), offset), len, digest };
    Some((path, Entry { stamp, kept, seen: false }))
}

/// What is left to read.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn time(&mut self) -> Option<Time> {
        let seconds = i64::from_le_bytes(self.array()?);
        Some(Time { seconds, nanoseconds: i64::from_le_bytes(self.array()?) })
    }
}

/// Writes an index beside `path`, and renames it to that.
pub(super) fn write(path: &Path, entries: &Entries) -> io::Result<()> {
    let (table, descriptors) = laid_out(entries);
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let mut name = OsString::from(".");
    name.push(path.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    name.push(format!(".{}.{}", std::process::id(), WRITTEN.fetch_add(1, Ordering::Relaxed)));
    let beside = path.with_file_name(name);
    let written = (|| {
        let mut file = BufWriter::new(File::create_new(&beside)?);
        file.write_all(&MAGIC)?;
        file.write_all(&VERSION.to_le_bytes())?;
        file.write_all(&table.count.to_le_bytes())?;
        file.write_all(&(table.bytes.len() as u64).to_le_bytes())?;
        file.write_all(&xxh3_128(&table.bytes).to_le_bytes())?;
        file.write_all(&table.bytes)?;
        for descriptor in &descriptors {
            file.write_all(descriptor)?;
        }
        file.into_inner().map_err(io::IntoInnerError::into_error)?;
        fs::rename(&beside, path)
    })();
    written.inspect_err(|_| {
        // What the system says to the first error is what counts.
        let _ = fs::remove_file(&beside);
    })
}

#[derive(Default)]
struct Table {
    count: u32,
    bytes: Vec<u8>,
}

/// The table, and the descriptors behind it. An entry whose descriptor or path cannot be written is left out: its file is
/// read again.
fn laid_out(entries: &Entries) -> (Table, Vec<Arc<[u8]>>) {
    let mut writable: Vec<_> = entries
        .iter()
        .filter_map(|(path, entry)| {
            let path = bytes_of(path)?;
            let length = u16::try_from(path.len()).ok()?;
            Some((path, length, entry, entry.kept.read()?))
        })
        .collect();
    writable.sort_unstable_by_key(|(path, ..)| *path);
    let per_entry = 2 + 3 * 8 + 2 * 16 + 8 + 4 + 16;
    let size: usize = writable.iter().map(|(path, ..)| path.len() + per_entry).sum();

    let mut table = Table { count: 0, bytes: Vec::with_capacity(size) };
    let (mut places, mut descriptors) = (HashMap::new(), Vec::new());
    let mut end = (HEADER_SIZE + size) as u64;
    for (path, length, Entry { stamp, kept, seen: _ }, descriptor) in writable {
        let offset = *places.entry(kept.digest).or_insert_with(|| {
            let offset = end;
            end = end.saturating_add(descriptor.len() as u64);
            descriptors.push(descriptor);
            offset
        });
        let Stamp { device, inode, size, modified, changed } = stamp;
        table.count = table.count.saturating_add(1);
        table.bytes.extend_from_slice(&length.to_le_bytes());
        table.bytes.extend_from_slice(path);
        for value in [device, inode, size] {
            table.bytes.extend_from_slice(&value.to_le_bytes());
        }
        for Time { seconds, nanoseconds } in [modified, changed] {
            table.bytes.extend_from_slice(&seconds.to_le_bytes());
            table.bytes.extend_from_slice(&nanoseconds.to_le_bytes());
        }
        table.bytes.extend_from_slice(&offset.to_le_bytes());
        table.bytes.extend_from_slice(&kept.len.to_le_bytes());
        table.bytes.extend_from_slice(&kept.digest.to_le_bytes());
    }
    (table, descriptors)
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(Path::new(std::ffi::OsStr::from_bytes(bytes)).to_owned())
}

#[cfg(unix)]
fn bytes_of(path: &Path) -> Option<&[u8]> {
    use std::os::unix::ffi::OsStrExt;
    Some(path.as_os_str().as_bytes())
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

#[cfg(not(unix))]
fn bytes_of(path: &Path) -> Option<&[u8]> {
    path.to_str().map(str::as_bytes)
}

pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    crate::file::read_exact_at(file, buffer, offset)
}
