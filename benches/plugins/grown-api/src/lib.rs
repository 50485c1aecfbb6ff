//! An interface with a method that came later.

use plugin_core::plugin_interface;

/// Both methods do as much.
#[plugin_interface]
pub trait Grown: Send + Sync {
    /// From the beginning.
    fn first(&self, value: u64) -> u64;
    /// Newer.
    #[since("1.1.0")]
    fn later(&self, value: u64) -> u64 {
        value.wrapping_add(7)
    }
}
