use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    #[init]
    #[cfg(unix)]
    fn start() {}

    #[cfg(unix)]
    pub fn f() {}

    #[cfg(unix)]
    pub static COUNT: u32 = 0;
}

fn main() {}
