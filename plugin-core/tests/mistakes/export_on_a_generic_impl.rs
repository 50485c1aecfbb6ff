use plugin_core::{export_plugin, plugin_interface};

#[plugin_interface]
pub trait Greeter {
    fn greet(&self) -> u32;
}

#[derive(Default)]
pub struct Polite<T>(T);

#[export_plugin]
impl<T: Default> Greeter for Polite<T> {
    fn greet(&self) -> u32 {
        1
    }
}

fn main() {}
