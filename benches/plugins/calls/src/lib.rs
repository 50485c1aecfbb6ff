//! The calls through the framework.

use calls_api::Calls;
use plugin_core::{
    abi::{RString, RVec},
    export_plugin,
};

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

#[derive(Default)]
struct Plugin;

#[export_plugin]
impl Calls for Plugin {
    fn add(&self, left: u64, right: u64) -> u64 {
        bodies::add(left, right)
    }

    fn mix(&self, seed: u64) -> u64 {
        bodies::mix(seed)
    }

    fn text(&self, name: &str) -> RString {
        bodies::text(name)
    }

    fn bytes(&self, input: &[u8]) -> RVec<u8> {
        bodies::bytes(input)
    }

    fn length(&self, name: &str, input: &[u8]) -> u64 {
        bodies::length(name, input)
    }

    fn append(&self, output: &mut RVec<u8>, input: &[u8]) {
        bodies::append(output, input);
    }

    fn checked(&self, input: &[u8]) -> Result<RVec<u8>, u64> {
        bodies::checked(input)
    }

    fn string(&self, name: &str) -> String {
        bodies::text(name).into()
    }

    fn vec(&self, input: &[u8]) -> Vec<u8> {
        input.to_vec()
    }

    fn allocations(&self) -> u64 {
        counting::allocations()
    }
}
