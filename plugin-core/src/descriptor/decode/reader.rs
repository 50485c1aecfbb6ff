//! Bytes of a descriptor, read within bounds.

use core::{fmt, ops::Range};

use super::{
    super::format::{ALL_TABLES, HEADER, MAX_RECORDS, TABLES, Table},
    error::DecodeError,
};
use crate::layout::Fingerprint;

/// The bytes, and the texts behind the tables: checked once to be UTF-8, however often a reference names a part.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    texts: &'a str,
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes.len())
    }
}

impl<'a> Reader<'a> {
    /// Reads the header alone: there are no texts yet.
    pub(super) const fn of_header(bytes: &'a [u8]) -> Self {
        Self { bytes, texts: "" }
    }

    /// Finds the texts: what follows the last table.
    pub(super) fn with_texts(self) -> Result<Self, DecodeError> {
        let mut start = HEADER;
        for table in ALL_TABLES {
            start = start.max(self.extent(table)?.end);
        }
        let texts = str::from_utf8(self.bytes_from(start))
            .map_err(|error| DecodeError::NotText { at: start.saturating_add(error.valid_up_to()) })?;
        Ok(Self { texts, ..self })
    }

    pub(super) const fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    pub(super) fn bytes_from(self, at: usize) -> &'a [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    fn array<const N: usize>(self, at: usize) -> Result<[u8; N], DecodeError> {
        self.bytes
            .get(at..)
            .and_then(<[u8]>::first_chunk)
            .copied()
            .ok_or(DecodeError::Truncated { needs: at.saturating_add(N), has: self.bytes.len() })
    }

    pub(super) fn u8(self, at: usize) -> Result<u8, DecodeError> {
        self.array(at).map(|[byte]| byte)
    }

    pub(super) fn u32(self, at: usize) -> Result<u32, DecodeError> {
        self.array(at).map(u32::from_le_bytes)
    }

    pub(super) fn u64(self, at: usize) -> Result<u64, DecodeError> {
        self.array(at).map(u64::from_le_bytes)
    }

    pub(super) fn i128(self, at: usize) -> Result<i128, DecodeError> {
        self.array(at).map(i128::from_le_bytes)
    }

    pub(super) fn fingerprint(self, at: usize) -> Result<Fingerprint, DecodeError> {
        self.array(at).map(Fingerprint::from_le_bytes)
    }

    /// The text that the reference at `at` names.
    pub(super) fn text(self, at: usize) -> Result<&'a str, DecodeError> {
        let (offset, length) = (self.u32(at)? as usize, self.u32(at + 4)? as usize);
        let start = self.bytes.len() - self.texts.len();
        let first = offset.checked_sub(start).ok_or(DecodeError::NotText { at: offset })?;
        let end = first.saturating_add(length);
        if end > self.texts.len() {
            return Err(DecodeError::Truncated {
                needs: offset.saturating_add(length),
                has: self.bytes.len(),
            });
        }
        self.texts.get(first..end).ok_or(DecodeError::NotText { at: offset })
    }

    /// The range of records that stands at `at`.
    pub(super) fn range(self, at: usize) -> Result<Range<usize>, DecodeError> {
        let (first, count) = (self.u32(at)? as usize, self.u32(at + 4)? as usize);
        Ok(first..first.saturating_add(count))
    }

    /// Every record of a table.
    pub(super) fn table<T>(
        self,
        table: Table,
        record: impl Fn(Self, usize) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        // As many as the bytes hold, which was checked.
        let mut records = Vec::with_capacity(self.count(table)?);
        for at in self.places(table)? {
            records.push(record(self, at)?);
        }
        Ok(records)
    }

    /// The bytes of a table.
    pub(super) fn records(self, table: Table) -> Result<&'a [u8], DecodeError> {
        Ok(self.bytes.get(self.extent(table)?).unwrap_or_default())
    }

    /// Where each record of a table begins.
    pub(super) fn places(self, table: Table) -> Result<impl Iterator<Item = usize>, DecodeError> {
        Ok(self.extent(table)?.step_by(table.width))
    }

    /// Where a record of a table begins, if there is one of that number.
    pub(super) fn place(self, table: Table, index: u32) -> Result<Option<usize>, DecodeError> {
        let extent = self.extent(table)?;
        let start =
            (index as usize).checked_mul(table.width).and_then(|start| start.checked_add(extent.start));
        Ok(start.filter(|start| *start < extent.end))
    }

    /// The number of records of a table.
    pub(super) fn count(self, table: Table) -> Result<usize, DecodeError> {
        Ok(self.extent(table)?.len() / table.width)
    }

    /// Where a table lies.
    fn extent(self, table: Table) -> Result<Range<usize>, DecodeError> {
        let header = TABLES + 8 * table.index;
        let (offset, count) = (self.u32(header)? as usize, self.u32(header + 4)? as usize);
        if count > MAX_RECORDS {
            return Err(DecodeError::TooMany { limit: MAX_RECORDS, found: count });
        }
        let end = count.checked_mul(table.width).and_then(|length| length.checked_add(offset));
        match end {
            Some(end) if end <= self.bytes.len() => Ok(offset..end),
            _ => Err(DecodeError::Truncated { needs: end.unwrap_or(usize::MAX), has: self.bytes.len() }),
        }
    }
}
