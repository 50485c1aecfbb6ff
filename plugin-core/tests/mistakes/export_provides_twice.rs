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
    use super::{Greeter, Polite};

    #[provides]
    pub fn one() -> impl Greeter {
        Polite
    }

    #[provides]
    pub fn other() -> Result<impl Greeter, String> {
        Ok(Polite)
    }
}

fn main() {}
