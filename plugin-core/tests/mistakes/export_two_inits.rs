use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    #[init]
    fn first() {}

    #[init]
    fn second() {}

    #[shutdown]
    fn third() {}

    #[shutdown]
    fn fourth() {}

    pub fn f() {}
}

fn main() {}
