//! The index as bytes. All integers are little-endian; version 1.
//!
//! ```text
//! 0..8     "plugidx\n"
//! 8..12    version of the format
//! 12..16   number of entries
//! 16..24   size of the table, in bytes
//! 24..40   XXH3, 128 bits, of the table
//! 40..     the table: for each entry, in the order of the paths as bytes
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
    path::Path,
    sync::Arc,
    sync::atomic::{AtomicU64, Ordering},
};

use xxhash_rust::xxh3::xxh3_128;

use super::{
    candidate::{Kept, Place},
    stamp::{Stamp, Time},
};
use crate::object_file::MAX_DESCRIPTOR_SIZE;

const MAGIC: [u8; 8] = *b"plugidx\n";
const VERSION: u32 = 1;
const HEADER_SIZE: usize = 40;

/// A hundred thousand files with long paths.
const MAX_TABLE_SIZE: u64 = 64 << 20;

/// The table of an index as it was read: its bytes, and where each entry begins. In the order of the paths, as it was written.
#[derive(Debug)]
pub(super) struct Read {
    file: Arc<File>,
    bytes: Vec<u8>,
    rows: Vec<Row>,
    /// The row behind the one that was found last: who asks in the order of the paths finds each at once.
    next: usize,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    start: u32,
    /// Whether the file was found by the last look.
    seen: bool,
}

/// What is kept of one file.
pub(super) struct Entry<'t> {
    pub(super) path: &'t [u8],
    pub(super) stamp: Stamp,
    pub(super) kept: Kept,
}

/// What an index says; `None` if it is none.
pub(super) fn read(file: Arc<File>) -> Option<Read> {
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
    let mut bytes = vec![0; usize::try_from(size).ok()?];
    read_at(&file, &mut bytes, HEADER_SIZE as u64).ok()?;
    if xxh3_128(&bytes) != digest {
        return None;
    }
    let mut rest = Bytes(&bytes);
    // Each entry has more bytes than this.
    let mut rows = Vec::with_capacity(count.min(bytes.len() / 64));
    let mut before: Option<&[u8]> = None;
    for _ in 0..count {
        let start = u32::try_from(bytes.len() - rest.0.len()).ok()?;
        let Record { path, stamp: _, offset, len, digest: _ } = rest.record()?;
        let is_inside = offset.checked_add(len.into()).is_some_and(|end| end <= metadata.len());
        let is_behind = before.is_none_or(|before| before < path);
        if !is_inside || !is_behind || u64::from(len) > MAX_DESCRIPTOR_SIZE {
            return None;
        }
        before = Some(path);
        rows.push(Row { start, seen: false });
    }
    rest.0.is_empty().then_some(())?;
    Some(Read { file, bytes, rows, next: 0 })
}

impl Read {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Forgets which files were found.
    pub(super) fn begin(&mut self) {
        self.next = 0;
        self.rows.iter_mut().for_each(|row| row.seen = false);
    }

    /// Forgets the files that were not found.
    pub(super) fn end(&mut self) {
        self.rows.retain(|row| row.seen);
    }

    /// What is kept of a file whose status is `stamp` now.
    pub(super) fn recall(&mut self, path: &[u8], stamp: &Stamp) -> Option<Kept> {
        let at = self.find(path)?;
        self.next = at + 1;
        let found = self.record(*self.rows.get(at)?)?;
        if found.stamp != *stamp {
            return None;
        }
        let kept = self.kept(&found);
        self.rows.get_mut(at)?.seen = true;
        Some(kept)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.rows.iter().filter_map(|row| {
            let record = self.record(*row)?;
            Some(Entry { path: record.path, stamp: record.stamp, kept: self.kept(&record) })
        })
    }

    fn find(&self, path: &[u8]) -> Option<usize> {
        let path_of = |row: &Row| self.record(*row).map(|record| record.path);
        if self.rows.get(self.next).and_then(path_of) == Some(path) {
            return Some(self.next);
        }
        self.rows.binary_search_by(|row| path_of(row).cmp(&Some(path))).ok()
    }

    /// Every row was read before.
    fn record(&self, row: Row) -> Option<Record<'_>> {
        Bytes(self.bytes.get(row.start as usize..)?).record()
    }

    fn kept(&self, record: &Record<'_>) -> Kept {
        let place = Place::File(Arc::clone(&self.file), record.offset);
        Kept { place, len: record.len, digest: record.digest }
    }
}

/// An entry of the table.
struct Record<'t> {
    path: &'t [u8],
    stamp: Stamp,
    offset: u64,
    len: u32,
    digest: u128,
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

    fn record(&mut self) -> Option<Record<'b>> {
        let length = usize::from(u16::from_le_bytes(self.array()?));
        Some(Record {
            path: self.take(length)?,
            stamp: Stamp {
                device: self.u64()?,
                inode: self.u64()?,
                size: self.u64()?,
                modified: self.time()?,
                changed: self.time()?,
            },
            offset: self.u64()?,
            len: u32::from_le_bytes(self.array()?),
            digest: u128::from_le_bytes(self.array()?),
        })
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
pub(super) fn write<'e>(path: &Path, entries: impl Iterator<Item = Entry<'e>>) -> io::Result<()> {
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
fn laid_out<'e>(entries: impl Iterator<Item = Entry<'e>>) -> (Table, Vec<Arc<[u8]>>) {
    let mut writable: Vec<_> = entries
        .filter_map(|Entry { path, stamp, kept }| {
            let length = u16::try_from(path.len()).ok()?;
            let descriptor = kept.read()?;
            Some((path, length, stamp, kept, descriptor))
        })
        .collect();
    writable.sort_unstable_by_key(|(path, ..)| *path);
    let per_entry = 2 + 3 * 8 + 2 * 16 + 8 + 4 + 16;
    let size: usize = writable.iter().map(|(path, ..)| path.len() + per_entry).sum();

    let mut table = Table { count: 0, bytes: Vec::with_capacity(size) };
    let (mut places, mut descriptors) = (HashMap::new(), Vec::new());
    let mut end = (HEADER_SIZE + size) as u64;
    for (path, length, stamp, kept, descriptor) in writable {
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

/// A path as an index has it.
#[cfg(unix)]
pub(super) fn bytes_of(path: &Path) -> Option<&[u8]> {
    use std::os::unix::ffi::OsStrExt;
    Some(path.as_os_str().as_bytes())
}

#[cfg(not(unix))]
pub(super) fn bytes_of(path: &Path) -> Option<&[u8]> {
    path.to_str().map(str::as_bytes)
}

pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    crate::file::read_exact_at(file, buffer, offset)
}
