use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn sum(&self, numbers: &Vec<u32>) -> u32;
}

fn main() {}
