//! LZ4 as a plugin, by `lz4_flex`: in frames with a checksum, so that damage shows.

use std::io::{Read as _, Write as _};

use codec_api::{Codec, CodecError};
use lz4_flex::frame::{FrameDecoder, FrameEncoder, FrameInfo};
use plugin_core::{abi::RVec, export_plugin};

#[derive(Default)]
struct Lz4;

#[export_plugin]
impl Codec for Lz4 {
    fn name(&self) -> &str {
        "lz4"
    }

    fn compress(&self, input: &[u8]) -> Result<RVec<u8>, CodecError> {
        let frame = FrameInfo::new().content_checksum(true);
        let mut encoder = FrameEncoder::with_frame_info(frame, Vec::new());
        encoder.write_all(input).map_err(CodecError::corrupt)?;
        Ok(encoder.finish().map_err(CodecError::corrupt)?.into())
    }

    fn decompress(&self, input: &[u8]) -> Result<RVec<u8>, CodecError> {
        let mut output = Vec::new();
        FrameDecoder::new(input).read_to_end(&mut output).map_err(CodecError::corrupt)?;
        Ok(output.into())
    }
}
