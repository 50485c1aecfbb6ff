use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn sum(&self, numbers: &[Option<u8>]) -> u8;
}

fn main() {}
