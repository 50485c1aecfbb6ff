use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn create() -> u32;
}

fn main() {}
