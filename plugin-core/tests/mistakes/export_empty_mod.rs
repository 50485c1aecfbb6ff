use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    fn private() {}
}

fn main() {}
