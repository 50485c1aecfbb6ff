use plugin_core::{export_plugin, plugin_interface};

#[plugin_interface]
pub trait Greeter {
    fn greet(&self) -> u32;
}

pub struct Polite;

#[export_plugin]
impl Greeter for Polite {
    fn greet(&self) -> u32 {
        1
    }
}

fn main() {}
