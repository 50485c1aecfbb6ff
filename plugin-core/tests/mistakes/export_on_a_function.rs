use plugin_core::export_plugin;

#[export_plugin]
pub fn greet() {}

fn main() {}
