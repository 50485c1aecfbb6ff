//! The interface before it grew.

use plugin_core::plugin_interface;

/// What there was from the beginning.
#[plugin_interface]
pub trait Grown: Send + Sync {
    /// From the beginning.
    fn first(&self, value: u64) -> u64;
}
