//! Bounded reads of the open file: each says what it is for, and none reaches past the end.

use std::cell::Cell;
use std::fs::File;
use std::io;

use object::pod::{self, Pod};
use object::read::{ReadCache, ReadCacheOps, ReadRef};

use super::ObjectError;
use crate::file::{OpenFile, read_exact_at};

/// Enough for the ELF header, the program headers and, as linkers lay files out, the notes and the table of names.
const HEAD_SIZE: u64 = 8192;

pub(super) type Cache<'f> = ReadCache<Positioned<'f>>;

/// Begins to read `file`. What the operating system says against it lands in `failure`, because a [`ReadCache`] drops
/// the reasons of its errors.
pub(super) fn cache<'f>(
    file: &'f OpenFile,
    failure: &'f Cell<Option<io::Error>>,
) -> Result<Cache<'f>, ObjectError> {
    let size = usize::try_from(file.len().min(HEAD_SIZE)).unwrap_or_default();
    let mut head = vec![0; size];
    read_exact_at(file.file(), &mut head, 0)
        .map_err(|source| ObjectError::Io { what: "the first bytes", source })?;
    Ok(ReadCache::new(Positioned { file: file.file(), head, len: file.len(), position: 0, failure }))
}

/// The bytes of the file, by offset.
#[derive(Clone, Copy)]
pub(super) struct Source<'f> {
    cache: &'f Cache<'f>,
    failure: &'f Cell<Option<io::Error>>,
    len: u64,
}

impl<'f> Source<'f> {
    pub(super) fn new(cache: &'f Cache<'f>, failure: &'f Cell<Option<io::Error>>, len: u64) -> Source<'f> {
        Source { cache, failure, len }
    }

    /// Checks that the file holds `size` bytes at `offset`.
    pub(super) fn holds(self, what: &'static str, offset: u64, size: u64) -> Result<(), ObjectError> {
        match offset.checked_add(size) {
            None => Err(ObjectError::Malformed { what }),
            Some(needs) if needs > self.len => Err(ObjectError::Truncated { what, needs, has: self.len }),
            Some(_) => Ok(()),
        }
    }

    /// Reads `size` bytes at `offset`. The caller has bounded `size`: a buffer of that size is made.
    pub(super) fn bytes(self, what: &'static str, offset: u64, size: u64) -> Result<&'f [u8], ObjectError> {
        self.holds(what, offset, size)?;
        self.cache.read_bytes_at(offset, size).map_err(|()| ObjectError::Io {
            what,
            source: self.failure.take().unwrap_or_else(|| io::ErrorKind::OutOfMemory.into()),
        })
    }

    /// Reads one structure at `offset`.
    pub(super) fn one<T: Pod>(self, what: &'static str, offset: u64) -> Result<&'f T, ObjectError> {
        let bytes = self.bytes(what, offset, size_of::<T>() as u64)?;
        pod::from_bytes(bytes).map(|(value, _)| value).map_err(|()| ObjectError::Malformed { what })
    }

    /// Reads `count` structures at `offset`.
    pub(super) fn many<T: Pod>(
        self,
        what: &'static str,
        offset: u64,
        count: u16,
    ) -> Result<&'f [T], ObjectError> {
        let bytes = self.bytes(what, offset, u64::from(count) * size_of::<T>() as u64)?;
        pod::slice_from_all_bytes(bytes).map_err(|()| ObjectError::Malformed { what })
    }

    /// The same bytes for a parser of the `object` crate, whose reads the caller has bounded.
    pub(super) fn raw(self) -> &'f Cache<'f> {
        self.cache
    }
}

/// Reads at given offsets, so that the open file's cursor is not shared state; the head comes from memory.
pub(super) struct Positioned<'f> {
    file: &'f File,
    head: Vec<u8>,
    len: u64,
    position: u64,
    failure: &'f Cell<Option<io::Error>>,
}

impl ReadCacheOps for Positioned<'_> {
    fn len(&mut self) -> Result<u64, ()> {
        Ok(self.len)
    }

    fn seek(&mut self, position: u64) -> Result<u64, ()> {
        self.position = position;
        Ok(position)
    }

    /// Only searches for a delimiter come here, and nothing searches.
    fn read(&mut self, _buffer: &mut [u8]) -> Result<usize, ()> {
        Err(())
    }

    fn read_exact(&mut self, buffer: &mut [u8]) -> Result<(), ()> {
        let start = usize::try_from(self.position).map_err(|_| ())?;
        let end = start.checked_add(buffer.len()).ok_or(())?;
        if let Some(known) = self.head.get(start..end) {
            buffer.copy_from_slice(known);
            return Ok(());
        }
        read_exact_at(self.file, buffer, self.position).map_err(|error| self.failure.set(Some(error)))
    }
}
