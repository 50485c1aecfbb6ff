//! Descriptors, decoded by the checksum of a program that runs: the one in `plugin-core` is for the compiler, too, and takes ten
//! times as long.

#![forbid(unsafe_code)]

use plugin_core::descriptor::{DecodeError, Descriptor, Head};
use xxhash_rust::xxh3::xxh3_64;

/// What is read of every descriptor at once.
pub(crate) fn head(bytes: &[u8]) -> Result<Head<'_>, DecodeError> {
    Head::decode_by(xxh3_64, bytes)
}

/// All of a descriptor.
pub(crate) fn whole(bytes: &[u8]) -> Result<Descriptor<'_>, DecodeError> {
    Descriptor::of(head(bytes)?)
}
