use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    #[init]
    fn start() -> u32 {
        1
    }

    #[shutdown]
    fn stop() -> Result<(), Failure> {
        Ok(())
    }

    pub struct Failure;

    pub fn f() {}
}

fn main() {}
