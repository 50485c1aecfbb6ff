//! The smallest plugin. Copies get names of their own, which must not be longer than this one's.

/// The plugin.
#[plugin_core::export_plugin]
pub mod plugin {
    /// Doubles a number.
    pub fn double(value: u64) -> u64 {
        value.wrapping_mul(2)
    }
}
