//! A codec built against an interface that somebody edited without giving it a new version: every host that knows the
//! real `codec_api::Codec` refuses it, before any of its code runs, and says what differs.
//!
//! With C headers, or with Rust types that nobody compares, the host would call through the wrong slots of a table and
//! read an integer as a string's address. The edited interface is in `codec-api` beside this crate; in real life it
//! would be another checkout of the same crate.

use codec_api::{Codec, CodecError};
use plugin_core::{abi::RVec, export_plugin};

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
