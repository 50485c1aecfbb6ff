use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    pub static COUNT: std::cell::Cell<i32> = std::cell::Cell::new(0);
}

fn main() {}
