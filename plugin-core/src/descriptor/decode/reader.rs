//! Bytes of a descriptor, read within bounds.

use super::{
    super::format::{MAX_RECORDS, TABLES, Table},
    error::DecodeError,
};
use crate::layout::Fingerprint;

#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(super) fn bytes_from(self, at: usize) -> &'a [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    fn array<const N: usize>(self, at: usize) -> Result<[u8; N], DecodeError> {
        self.bytes
            .get(at..)
            .and_then(<[u8]>::first_chunk)
            .copied()
            .ok_or(DecodeError::Truncated {
                needs: at.saturating_add(N),
                has: self.bytes.len(),
            })
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
        let end = offset.saturating_add(length);
        let bytes = self.bytes.get(offset..end).ok_or(DecodeError::Truncated {
            needs: end,
            has: self.bytes.len(),
        })?;
        str::from_utf8(bytes).map_err(|_| DecodeError::NotText { at: offset })
    }

    /// The range of records that stands at `at`.
    pub(super) fn range(self, at: usize) -> Result<core::ops::Range<usize>, DecodeError> {
        let (first, count) = (self.u32(at)? as usize, self.u32(at + 4)? as usize);
        Ok(first..first.saturating_add(count))
    }

    /// Every record of a table.
    pub(super) fn table<T>(
        self,
        table: Table,
        record: impl Fn(Self, usize) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let header = TABLES + 8 * table.index;
        let (offset, count) = (self.u32(header)? as usize, self.u32(header + 4)? as usize);
        if count > MAX_RECORDS {
            return Err(DecodeError::TooMany {
                limit: MAX_RECORDS,
                found: count,
            });
        }
        // At most 2^32 + 2^14 * 72, within the 64 bits of a host and checked on a narrower one.
        let end = count
            .checked_mul(table.width)
            .and_then(|length| length.checked_add(offset));
        match end {
            Some(end) if end <= self.bytes.len() => (0..count)
                .map(|index| record(self, offset + index * table.width))
                .collect(),
            _ => Err(DecodeError::Truncated {
                needs: end.unwrap_or(usize::MAX),
                has: self.bytes.len(),
            }),
        }
    }
}
