use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    pub static COUNT: std::sync::Mutex<i32> = std::sync::Mutex::new(0);
}

fn main() {}
