//! Zstandard as a plugin, by the reference library: with a checksum, so that damage shows.

use std::io::{self, Write as _};

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
        let packed = || -> io::Result<Vec<u8>> {
            let mut encoder = zstd::Encoder::new(Vec::new(), zstd::DEFAULT_COMPRESSION_LEVEL)?;
            encoder.include_checksum(true)?;
            encoder.write_all(input)?;
            encoder.finish()
        };
        Ok(packed().map_err(CodecError::corrupt)?.into())
    }

    fn decompress(&self, input: &[u8]) -> Result<RVec<u8>, CodecError> {
        let output = zstd::decode_all(input).map_err(CodecError::corrupt)?;
        Ok(output.into())
    }
}
