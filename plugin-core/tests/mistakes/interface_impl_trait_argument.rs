use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn sum(&self, numbers: impl Iterator<Item = u32>) -> u32;
}

fn main() {}
