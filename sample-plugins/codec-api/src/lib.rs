//! The interface that the codec plugins and their host share: ordinary Rust.

use plugin_core::{PluginPanic, StableLayout, abi::RString, abi::RVec, plugin_interface};

/// Why a buffer was not compressed or decompressed.
#[derive(Debug, Clone, PartialEq, Eq, StableLayout, thiserror::Error)]
#[repr(u8)]
pub enum CodecError {
    /// The input is not what this codec writes.
    #[error("corrupt input: {reason}")]
    Corrupt {
        /// What the library behind the codec says.
        reason: RString,
    },
    /// The codec has a defect.
    #[error("the codec panicked: {message}")]
    Panicked {
        /// The panic's message.
        message: RString,
    },
}

impl CodecError {
    /// An input that the library behind a codec refuses.
    #[must_use]
    pub fn corrupt(reason: impl ToString) -> Self {
        Self::Corrupt { reason: reason.to_string().into() }
    }
}

impl From<PluginPanic> for CodecError {
    fn from(panic: PluginPanic) -> Self {
        Self::Panicked { message: panic.message().into() }
    }
}

/// Compresses and decompresses whole buffers.
#[plugin_interface]
pub trait Codec: Send + Sync {
    /// Name of the format.
    fn name(&self) -> &str;

    /// Compresses a buffer.
    ///
    /// # Errors
    ///
    /// Whatever the library behind the codec reports.
    fn compress(&self, input: &[u8]) -> Result<RVec<u8>, CodecError>;

    /// Undoes [`compress`](Self::compress).
    ///
    /// # Errors
    ///
    /// [`CodecError::Corrupt`] for an input that this codec did not write.
    fn decompress(&self, input: &[u8]) -> Result<RVec<u8>, CodecError>;
}
