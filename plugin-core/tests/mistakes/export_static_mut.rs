use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    pub static mut COUNT: u32 = 0;
}

fn main() {}
