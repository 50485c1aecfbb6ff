use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    #[init]
    fn start(text: &str) {
        let _ = text;
    }

    pub fn f() {}
}

fn main() {}
