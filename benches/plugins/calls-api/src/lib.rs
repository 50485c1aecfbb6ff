//! The interface of the calls that are measured.

use plugin_core::{
    abi::{RString, RVec},
    plugin_interface,
};

/// One method for each kind of call.
#[plugin_interface]
pub trait Calls: Send + Sync {
    /// Numbers, in registers.
    fn add(&self, left: u64, right: u64) -> u64;
    /// A body that is a call of its own.
    fn mix(&self, seed: u64) -> u64;
    /// Text without a copy.
    fn text(&self, name: &str) -> RString;
    /// Bytes without a copy.
    fn bytes(&self, input: &[u8]) -> RVec<u8>;
    /// Only borrowed, and a number back.
    fn length(&self, name: &str, input: &[u8]) -> u64;
    /// Bytes into the caller's buffer.
    fn append(&self, output: &mut RVec<u8>, input: &[u8]);
    /// Bytes or an error.
    fn checked(&self, input: &[u8]) -> Result<RVec<u8>, u64>;
    /// Text, copied once.
    fn string(&self, name: &str) -> String;
    /// Bytes, copied once.
    fn vec(&self, input: &[u8]) -> Vec<u8>;
    /// How often the plugin has allocated.
    fn allocations(&self) -> u64;
}
