use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    #[init]
    pub struct Start;

    #[provides]
    pub static OBJECT: u32 = 1;

    pub fn f() {}
}

fn main() {}
