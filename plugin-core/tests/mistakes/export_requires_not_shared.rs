use plugin_core::{export_plugin, plugin_interface};

#[plugin_interface]
pub trait Counter {
    fn count(&mut self) -> u64;
}

#[export_plugin(requires(dyn Counter = "0.1", optional dyn std::fmt::Debug))]
pub mod plugin {
    use super::Counter;

    pub fn f() {}
}

fn main() {}
