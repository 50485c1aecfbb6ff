use plugin_core::export_plugin;

#[export_plugin]
mod elsewhere;

fn main() {}
