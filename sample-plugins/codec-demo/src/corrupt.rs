//! What a codec answers to input that it did not write: a typed error of its own library, across the boundary.

use codec_api::{Codec, CodecError};
use plugin_core::abi::RVec;

/// Decompresses `packed`, which stands for `input`, damaged in several ways; one line for each.
pub(crate) fn feed(codec: &dyn Codec, packed: &mut RVec<u8>, input: &[u8]) -> Vec<String> {
    let middle = packed.len() / 2;
    let mut report = Vec::new();
    let mut tell = |damage: &str, answer| report.push(format!("{damage:<16} {}", show(answer, input)));

    let (half, _) = packed.as_slice().split_at(middle);
    tell("cut in half", codec.decompress(half));
    // In place, since the input may be large.
    if let Some(byte) = packed.get_mut(middle) {
        *byte ^= 0b0001_0000;
        tell("one bit flipped", codec.decompress(packed));
    }
    let counting: Vec<u8> = (0..=u8::MAX).cycle().take(4096).collect();
    tell("garbage", codec.decompress(&counting));
    report
}

fn show(answer: Result<RVec<u8>, CodecError>, input: &[u8]) -> String {
    match answer {
        Err(error @ CodecError::Corrupt { .. }) => format!("Err(Corrupt): {error}"),
        Err(error @ CodecError::Panicked { .. }) => format!("Err(Panicked): {error}"),
        Ok(output) if output.as_slice() == input => {
            "Ok, with the right bytes: this bit does not count".to_owned()
        }
        Ok(output) => {
            format!("Ok, with {} bytes that are not the right ones: the format has no checksum", output.len())
        }
    }
}
