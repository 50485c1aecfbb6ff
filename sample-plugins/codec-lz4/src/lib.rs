//! LZ4 as a plugin, by `lz4_flex`.

use codec_api::{Codec, CodecError};
use plugin_core::{abi::RVec, export_plugin};

/// A byte of LZ4 stands for at most 255 bytes. Source: the LZ4 block format.
const GREATEST_RATIO: usize = 255;

#[derive(Default)]
struct Lz4;

#[export_plugin]
impl Codec for Lz4 {
    fn name(&self) -> &str {
        "lz4"
    }

    fn compress(&self, input: &[u8]) -> Result<RVec<u8>, CodecError> {
        Ok(lz4_flex::compress_prepend_size(input).into())
    }

    fn decompress(&self, input: &[u8]) -> Result<RVec<u8>, CodecError> {
        let (size, packed) = lz4_flex::block::uncompressed_size(input).map_err(CodecError::corrupt)?;
        // The size is whatever the input says, and an allocation that fails ends the process.
        if size / GREATEST_RATIO > packed.len() {
            return Err(CodecError::corrupt("it claims a size that no block of this length has"));
        }
        Ok(lz4_flex::decompress(packed, size).map_err(CodecError::corrupt)?.into())
    }
}
