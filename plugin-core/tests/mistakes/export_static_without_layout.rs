use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    pub static NAME: String = String::new();
    pub static TEXT: &str = "text";
    pub static OPTION: Option<u32> = None;
}

fn main() {}
