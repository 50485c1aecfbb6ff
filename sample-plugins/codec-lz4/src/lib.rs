//! LZ4 as a plugin, by `lz4_flex`.

use codec_api::{Codec, CodecError};
use plugin_core::{abi::RVec, export_plugin};

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
        let output = lz4_flex::decompress_size_prepended(input).map_err(CodecError::corrupt)?;
        Ok(output.into())
    }
}
