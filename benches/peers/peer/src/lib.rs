//! The calls through `abi_stable`'s root module and trait object.

use abi_stable::{
    export_root_module,
    prefix_type::PrefixTypeTrait,
    sabi_extern_fn,
    sabi_trait::TD_Opaque,
    std_types::{RResult, RSlice, RStr, RString, RVec},
};
use peer_api::calls::{Calls, CallsRef, Object, Object_TO, ObjectBox};

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

#[export_root_module]
pub fn root() -> CallsRef {
    Calls { add, mix, text, bytes, append, checked, allocations, object }.leak_into_prefix()
}

#[sabi_extern_fn]
fn add(left: u64, right: u64) -> u64 {
    bodies::add(left, right)
}

#[sabi_extern_fn]
fn mix(seed: u64) -> u64 {
    bodies::mix(seed)
}

#[sabi_extern_fn]
fn text(name: RStr<'_>) -> RString {
    bodies::text(name.into())
}

#[sabi_extern_fn]
fn bytes(input: RSlice<'_, u8>) -> RVec<u8> {
    bodies::bytes(input.into())
}

#[sabi_extern_fn]
fn append(output: &mut RVec<u8>, input: RSlice<'_, u8>) {
    bodies::append(output, input.into());
}

#[sabi_extern_fn]
fn checked(input: RSlice<'_, u8>) -> RResult<RVec<u8>, u64> {
    bodies::checked(input.into()).into()
}

#[sabi_extern_fn]
fn allocations() -> u64 {
    counting::allocations()
}

#[sabi_extern_fn]
fn object() -> ObjectBox {
    Object_TO::from_value(Plain, TD_Opaque)
}

struct Plain;

impl Object for Plain {
    fn add(&self, left: u64, right: u64) -> u64 {
        bodies::add(left, right)
    }

    fn mix(&self, seed: u64) -> u64 {
        bodies::mix(seed)
    }

    fn text(&self, name: RStr<'_>) -> RString {
        bodies::text(name.into())
    }

    fn bytes(&self, input: RSlice<'_, u8>) -> RVec<u8> {
        bodies::bytes(input.into())
    }

    fn append(&self, output: &mut RVec<u8>, input: RSlice<'_, u8>) {
        bodies::append(output, input.into());
    }

    fn checked(&self, input: RSlice<'_, u8>) -> RResult<RVec<u8>, u64> {
        bodies::checked(input.into()).into()
    }
}
