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
    pub fn concrete() -> Polite {
        Polite
    }

    #[provides]
    pub fn nothing() {}

    #[provides]
    pub fn boxed() -> Box<dyn Greeter> {
        Box::new(Polite)
    }

    #[provides]
    pub fn auto() -> impl Send + Sync {
        Polite
    }
}

fn main() {}
