//! A plugin that lacks the newer method.

use grown_api::Grown;
use plugin_core::export_plugin;

#[derive(Default)]
struct Plugin;

#[export_plugin]
impl Grown for Plugin {
    fn first(&self, value: u64) -> u64 {
        value.wrapping_add(7)
    }
}
