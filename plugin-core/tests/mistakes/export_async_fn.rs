use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    pub async fn fetch() -> u32 {
        1
    }
}

fn main() {}
