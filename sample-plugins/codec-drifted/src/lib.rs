//! A codec built against an interface that somebody edited without giving it a new version: every host that knows the
//! real `codec_api::Codec` refuses it, before any of its code runs, and says what differs.
//!
//! With C headers, or with Rust types that nobody compares, the host would call through the wrong slots of a table and
//! read an integer as a string's address. [`codec_api`] here is the edited copy, under the id and the version of the
//! original; in real life it would be another checkout of the same crate.

use plugin_core::{abi::RVec, export_plugin};

use self::codec_api::{Codec, CodecError};

/// The copy of the interface, with three edits.
pub mod codec_api {
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
    #[plugin_interface(id = "codec_api::Codec")]
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
}

#[derive(Default)]
struct Drifted;

#[export_plugin]
impl Codec for Drifted {
    fn name(&self) -> &str {
        "drifted"
    }

    fn compress(&self, input: &str) -> Result<RVec<u8>, CodecError> {
        Ok(input.as_bytes().into())
    }
}
