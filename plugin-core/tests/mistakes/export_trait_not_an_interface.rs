use plugin_core::export_plugin;

pub trait Greeter {
    fn greet(&self) -> u32;
}

#[derive(Default)]
pub struct Polite;

#[export_plugin]
impl Greeter for Polite {
    fn greet(&self) -> u32 {
        1
    }
}

fn main() {}
