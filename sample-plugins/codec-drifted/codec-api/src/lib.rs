//! The interface of the codecs, with three edits and the old version.

use plugin_core::{StableLayout, abi::RString, abi::RVec, plugin_interface};

/// Why a buffer was not compressed.
#[derive(Debug, StableLayout)]
#[repr(u8)]
pub enum CodecError {
    /// The input is not what this codec writes.
    Corrupt {
        /// First edit: the place, where the original has the reason as text.
        offset: u64,
    },
    /// The codec has a defect.
    Panicked {
        /// The panic's message.
        message: RString,
    },
}

/// Compresses whole buffers.
#[plugin_interface]
pub trait Codec: Send + Sync {
    /// Name of the format.
    fn name(&self) -> &str;

    /// Compresses a buffer. Second edit: the original takes `&[u8]`.
    ///
    /// # Errors
    ///
    /// None.
    fn compress(&self, input: &str) -> Result<RVec<u8>, CodecError>;

    // Third edit: no `decompress`.
}
