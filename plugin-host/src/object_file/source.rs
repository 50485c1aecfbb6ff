//! Bounded reads of the open file: each says what it is for, and none reaches past the end.

use std::cell::{Cell, OnceCell};
use std::fs::File;
use std::io;

use object::pod::{self, Pod};
use object::read::{ReadCache, ReadCacheOps, ReadRef};

use super::ObjectError;
use crate::file::{OpenFile, beginning, read_exact_at};

/// Enough for the ELF header, the program headers and, as linkers lay files out, the notes and the table of names of a small
/// plugin.
const HEAD_SIZE: u64 = 4096;

/// The most bytes that are read at once because what is needed of them may be near.
const MAX_AHEAD: usize = 64 << 10;

pub(super) type Cache<'f> = ReadCache<Positioned<'f>>;

/// The beginning of a file, read at once.
pub(super) struct Head {
    first: Vec<u8>,
    /// More of it, from the beginning again, once somebody knows how much is worth it.
    ahead: OnceCell<Vec<u8>>,
}

impl Head {
    pub(super) fn of(file: &OpenFile) -> Result<Self, ObjectError> {
        let size = usize::try_from(file.len().min(HEAD_SIZE)).unwrap_or_default();
        let first = beginning(file.file(), size)
            .map_err(|source| ObjectError::Io { what: "the first bytes", source })?;
        Ok(Self { first, ahead: OnceCell::new() })
    }

    fn slice(&self, offset: u64, size: u64) -> Option<&[u8]> {
        slice(&self.first, offset, size).or_else(|| slice(self.ahead.get()?, offset, size))
    }
}

/// Reads `file` behind its head. What the operating system says against it lands in `failure`, because a [`ReadCache`] drops
/// the reasons of its errors.
pub(super) fn cache<'f>(
    file: &'f OpenFile,
    head: &'f Head,
    failure: &'f Cell<Option<io::Error>>,
) -> Cache<'f> {
    ReadCache::new(Positioned { file: file.file(), head, len: file.len(), position: 0, failure })
}

/// The bytes of the file, by offset: those of the head as they are, others kept in the cache once they are read.
#[derive(Clone, Copy)]
pub(super) struct Source<'f> {
    file: &'f File,
    head: &'f Head,
    cache: &'f Cache<'f>,
    failure: &'f Cell<Option<io::Error>>,
    len: u64,
}

impl<'f> Source<'f> {
    pub(super) fn new(
        file: &'f OpenFile,
        head: &'f Head,
        cache: &'f Cache<'f>,
        failure: &'f Cell<Option<io::Error>>,
    ) -> Source<'f> {
        Source { file: file.file(), head, cache, failure, len: file.len() }
    }

    /// Reads all up to `end` and `more` behind it at once, if that is not much and `end` is behind the head: most of it will be
    /// asked for. What cannot be read shows when it is.
    pub(super) fn read_ahead(self, end: u64, more: u64) {
        let is_behind = end > self.head.first.len() as u64;
        let end = end.saturating_add(more).min(self.len);
        if let Ok(end @ ..=MAX_AHEAD) = usize::try_from(end)
            && is_behind
        {
            self.head.ahead.get_or_init(|| beginning(self.file, end).unwrap_or_default());
        }
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
        if let Some(known) = self.head.slice(offset, size) {
            return Ok(known);
        }
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
    head: &'f Head,
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
        if let Some(known) = self.head.slice(self.position, buffer.len() as u64) {
            buffer.copy_from_slice(known);
            return Ok(());
        }
        read_exact_at(self.file, buffer, self.position).map_err(|error| self.failure.set(Some(error)))
    }
}

fn slice(bytes: &[u8], offset: u64, size: u64) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?;
    bytes.get(start..start.checked_add(usize::try_from(size).ok()?)?)
}
