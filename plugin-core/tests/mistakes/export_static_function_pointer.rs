use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    pub static HANDLER: fn(u32) = print;

    fn print(_: u32) {}
}

fn main() {}
