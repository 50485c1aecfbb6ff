use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn method<const N: usize>(&self, value: [u8; N]);
}

fn main() {}
