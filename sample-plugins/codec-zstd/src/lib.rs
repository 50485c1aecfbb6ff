//! Zstandard as a plugin, by the reference library.

use codec_api::{Codec, CodecError};
use plugin_core::{abi::RVec, export_plugin};

#[derive(Default)]
struct Zstd;

#[export_plugin]
impl Codec for Zstd {
    fn name(&self) -> &str {
        "zstd"
    }

    fn compress(&self, input: &[u8]) -> Result<RVec<u8>, CodecError> {
        let output = zstd::encode_all(input, zstd::DEFAULT_COMPRESSION_LEVEL).map_err(CodecError::corrupt)?;
        Ok(output.into())
    }

    fn decompress(&self, input: &[u8]) -> Result<RVec<u8>, CodecError> {
        let output = zstd::decode_all(input).map_err(CodecError::corrupt)?;
        Ok(output.into())
    }
}
