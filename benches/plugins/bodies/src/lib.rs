//! What every plugin of the comparison does, so that only the way there differs.

use abi_stable::std_types::{RString, RVec};

/// As little as a function can do.
pub fn add(left: u64, right: u64) -> u64 {
    left.wrapping_add(right)
}

/// Work that stays behind a call of its own: some 100 instructions. It may panic, as most bodies may: where the compiler sees
/// that one never does, neither side has a guard left.
#[inline(never)]
pub fn mix(mut seed: u64) -> u64 {
    assert!(seed != 0, "zero stays zero");
    for _ in 0..16 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
    }
    seed
}

/// One text, made here.
pub fn text(name: &str) -> RString {
    name.into()
}

/// One buffer, made here.
pub fn bytes(input: &[u8]) -> RVec<u8> {
    input.to_vec().into()
}

/// Nothing is made.
pub fn length(name: &str, input: &[u8]) -> u64 {
    (name.len() + input.len()) as u64
}

/// Into the caller's buffer.
pub fn append(output: &mut RVec<u8>, input: &[u8]) {
    output.extend_from_copy_slice(input);
}

/// One buffer or the length that is too much.
pub fn checked(input: &[u8]) -> Result<RVec<u8>, u64> {
    if input.len() > 1 << 20 { Err(input.len() as u64) } else { Ok(bytes(input)) }
}
