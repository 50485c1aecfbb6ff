//! The smallest plugin: one function of a number.

/// The plugin.
#[plugin_core::export_plugin]
pub mod plugin {
    /// Doubles a number.
    pub fn double(value: u64) -> u64 {
        value.wrapping_mul(2)
    }
}
