use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    #[init(first)]
    fn start() {}

    #[shutdown = "last"]
    fn stop() {}

    #[provides()]
    fn object() -> u32 {
        1
    }

    pub fn f() {}
}

fn main() {}
