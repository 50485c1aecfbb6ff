use plugin_core::export_plugin;

#[export_plugin]
#[derive(Default)]
pub struct Polite;

fn main() {}
