use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    #[init]
    async fn start() {}

    #[shutdown]
    unsafe fn stop() {}

    pub fn f() {}
}

fn main() {}
