//! The smallest library that a bare loader could call.

/// Doubles a number.
#[unsafe(no_mangle)]
pub extern "C" fn double(value: u64) -> u64 {
    value.wrapping_mul(2)
}
