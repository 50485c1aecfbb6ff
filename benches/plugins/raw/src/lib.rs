//! The calls by hand: exported functions, with `abi_stable`'s types where Rust's own are not FFI-safe. Each takes the object
//! that it is called on, as a method does.

use std::ffi::c_void;

use abi_stable::std_types::{RResult, RSlice, RStr, RString, RVec};

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

#[unsafe(no_mangle)]
pub extern "C" fn raw_add(_this: *const c_void, left: u64, right: u64) -> u64 {
    bodies::add(left, right)
}

#[unsafe(no_mangle)]
pub extern "C" fn raw_mix(_this: *const c_void, seed: u64) -> u64 {
    bodies::mix(seed)
}

#[unsafe(no_mangle)]
pub extern "C" fn raw_text(_this: *const c_void, name: RStr<'_>) -> RString {
    bodies::text(name.into())
}

#[unsafe(no_mangle)]
pub extern "C" fn raw_bytes(_this: *const c_void, input: RSlice<'_, u8>) -> RVec<u8> {
    bodies::bytes(input.into())
}

#[unsafe(no_mangle)]
pub extern "C" fn raw_length(_this: *const c_void, name: RStr<'_>, input: RSlice<'_, u8>) -> u64 {
    bodies::length(name.into(), input.into())
}

#[unsafe(no_mangle)]
pub extern "C" fn raw_append(_this: *const c_void, output: &mut RVec<u8>, input: RSlice<'_, u8>) {
    bodies::append(output, input.into());
}

#[unsafe(no_mangle)]
pub extern "C" fn raw_checked(_this: *const c_void, input: RSlice<'_, u8>) -> RResult<RVec<u8>, u64> {
    bodies::checked(input.into()).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn raw_allocations() -> u64 {
    counting::allocations()
}
