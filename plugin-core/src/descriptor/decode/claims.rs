//! Whether what names something else by index names something that is there.

use core::ops::Range;

use super::error::DecodeError;

/// Whether there is a record of a number.
pub(super) fn index(what: &'static str, index: u32, count: usize) -> Result<(), DecodeError> {
    match (index as usize) < count {
        true => Ok(()),
        false => Err(DecodeError::Reference { what, index: index as usize, count }),
    }
}

/// The ranges into one table: within it, and together no longer than it, since the encoder shares no record. So whatever
/// walks the ranges takes time in proportion to the descriptor.
pub(super) struct Claims {
    what: &'static str,
    count: usize,
    claimed: usize,
}

impl Claims {
    pub(super) const fn new(what: &'static str, count: usize) -> Self {
        Self { what, count, claimed: 0 }
    }

    pub(super) fn claim(&mut self, range: &Range<usize>) -> Result<(), DecodeError> {
        let &mut Self { what, count, claimed } = self;
        if range.end > count {
            return Err(DecodeError::Reference { what, index: range.end, count });
        }
        self.claimed = claimed.saturating_add(range.len());
        if self.claimed > count {
            return Err(DecodeError::Shared { what, count });
        }
        Ok(())
    }
}
