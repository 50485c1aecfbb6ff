//! One round trip, with the time it takes.

use std::time::{Duration, Instant};

use codec_api::Codec;
use plugin_core::abi::RVec;

use crate::error::RoundTripError;

pub(crate) struct Measured {
    pub(crate) packed: RVec<u8>,
    pub(crate) compress: Duration,
    pub(crate) decompress: Duration,
}

pub(crate) fn round_trip(codec: &dyn Codec, input: &[u8]) -> Result<Measured, RoundTripError> {
    let start = Instant::now();
    let packed = codec.compress(input).map_err(RoundTripError::Compress)?;
    let compress = start.elapsed();

    let start = Instant::now();
    let unpacked = codec.decompress(&packed).map_err(RoundTripError::Decompress)?;
    let decompress = start.elapsed();

    if unpacked.as_slice() != input {
        return Err(RoundTripError::Differs { expected: input.len(), found: unpacked.len() });
    }
    Ok(Measured { packed, compress, decompress })
}
