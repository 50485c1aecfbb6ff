//! Brotli as a plugin, by the `brotli` crate.

use codec_api::{Codec, CodecError};
use plugin_core::{abi::RVec, export_plugin};

/// A middle way between the format's fastest level, 0, and its smallest output, 11.
const QUALITY: i32 = 5;

#[derive(Default)]
struct Brotli;

#[export_plugin]
impl Codec for Brotli {
    fn name(&self) -> &str {
        "brotli"
    }

    fn compress(&self, input: &[u8]) -> Result<RVec<u8>, CodecError> {
        let parameters = brotli::enc::BrotliEncoderParams { quality: QUALITY, ..Default::default() };
        let mut output = Vec::new();
        brotli::BrotliCompress(&mut &*input, &mut output, &parameters).map_err(CodecError::corrupt)?;
        Ok(output.into())
    }

    fn decompress(&self, input: &[u8]) -> Result<RVec<u8>, CodecError> {
        let mut output = Vec::new();
        brotli::BrotliDecompress(&mut &*input, &mut output).map_err(CodecError::corrupt)?;
        Ok(output.into())
    }
}
