//! DEFLATE in the zlib format as a plugin, by `flate2`.

use std::io::Read as _;

use codec_api::{Codec, CodecError};
use flate2::{
    Compression,
    read::{ZlibDecoder, ZlibEncoder},
};
use plugin_core::{abi::RVec, export_plugin};

#[derive(Default)]
struct Deflate;

#[export_plugin]
impl Codec for Deflate {
    fn name(&self) -> &str {
        "deflate"
    }

    fn compress(&self, input: &[u8]) -> Result<RVec<u8>, CodecError> {
        let mut output = Vec::new();
        ZlibEncoder::new(input, Compression::default())
            .read_to_end(&mut output)
            .map_err(CodecError::corrupt)?;
        Ok(output.into())
    }

    fn decompress(&self, input: &[u8]) -> Result<RVec<u8>, CodecError> {
        let mut output = Vec::new();
        ZlibDecoder::new(input).read_to_end(&mut output).map_err(CodecError::corrupt)?;
        Ok(output.into())
    }
}
