use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    #[init]
    #[shutdown]
    fn both() {}

    #[init]
    #[init]
    fn twice() {}

    pub fn f() {}
}

fn main() {}
