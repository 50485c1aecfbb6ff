//! What can be wrong with the bytes of a descriptor.

use core::fmt;

/// Why bytes are not a descriptor that this version reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// Another version of the format.
    FormatVersion {
        /// The version that is read.
        expected: u32,
        /// The version of these bytes.
        found: u32,
    },
    /// Something lies beyond the end.
    Truncated {
        /// Bytes needed.
        needs: usize,
        /// Bytes there are.
        has: usize,
    },
    /// The stated length is not the length.
    Length {
        /// The length that the header states.
        expected: usize,
        /// The length of the bytes.
        found: usize,
    },
    /// Longer than a descriptor may be.
    TooLong {
        /// The longest that is read, in bytes.
        limit: usize,
        /// The length of the bytes.
        found: usize,
    },
    /// The bytes were changed after they were written.
    Checksum {
        /// The checksum that the header states.
        expected: u64,
        /// The checksum of the bytes.
        found: u64,
    },
    /// A table has more records than any descriptor needs.
    TooMany {
        /// The most that are read.
        limit: usize,
        /// The number that the header states.
        found: usize,
    },
    /// A text is not UTF-8, or not among the texts.
    NotText {
        /// Where it is not.
        at: usize,
    },
    /// Something refers to a record that is not there.
    Reference {
        /// What is referred to.
        what: &'static str,
        /// Its index.
        index: usize,
        /// How many records there are.
        count: usize,
    },
    /// Two things claim one record, which the encoder never writes.
    Shared {
        /// What is shared.
        what: &'static str,
        /// How many records there are.
        count: usize,
    },
    /// A number stands for nothing.
    Value {
        /// What the number is.
        what: &'static str,
        /// The number.
        found: u64,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FormatVersion { expected, found } => write!(
                f,
                "the descriptor has format version {found}, expected {expected}: build plugin and host with one version of plugin-core"
            ),
            Self::Truncated { needs, has } => {
                write!(f, "the descriptor is cut off: it needs {needs} bytes and has {has}")
            }
            Self::Length { expected, found } => {
                write!(f, "the descriptor says that it is {expected} bytes long, found {found}")
            }
            Self::TooLong { limit, found } => {
                write!(f, "the descriptor is {found} bytes long, expected at most {limit}")
            }
            Self::Checksum { expected, found } => write!(
                f,
                "the descriptor was changed after it was written: expected checksum {expected:016x}, found {found:016x}"
            ),
            Self::TooMany { limit, found } => {
                write!(f, "a table of the descriptor has {found} records, expected at most {limit}")
            }
            Self::NotText { at } => write!(f, "there is no UTF-8 text at byte {at} of the descriptor"),
            Self::Reference { what, index, count } => {
                write!(f, "the descriptor refers to {what} number {index} of {count}")
            }
            Self::Shared { what, count } => {
                write!(f, "the descriptor has {count} {what}, and claims more by naming some of them twice")
            }
            Self::Value { what, found } => write!(f, "the descriptor gives {found} as {what}"),
        }
    }
}

impl core::error::Error for DecodeError {}
