use plugin_core::export_plugin;

#[plugin_core::plugin_interface]
pub trait Greeter {
    fn greet(&self) -> u32;
}

#[derive(Default)]
pub struct Polite;

impl Greeter for Polite {
    fn greet(&self) -> u32 {
        1
    }
}

#[export_plugin]
pub mod plugin {
    use super::Greeter;

    #[provides(Greeter)]
    pub fn number() -> u32 {
        1
    }
}

fn main() {}
