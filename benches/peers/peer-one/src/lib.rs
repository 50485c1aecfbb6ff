//! The smallest plugin: one function of a number, through `abi_stable`'s root module.

use abi_stable::{export_root_module, prefix_type::PrefixTypeTrait, sabi_extern_fn};
use peer_api::one::{One, OneRef};

#[export_root_module]
pub fn root() -> OneRef {
    One { double }.leak_into_prefix()
}

#[sabi_extern_fn]
fn double(value: u64) -> u64 {
    value.wrapping_mul(2)
}
