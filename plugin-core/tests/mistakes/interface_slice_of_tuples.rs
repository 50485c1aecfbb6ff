use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn sort(&self, pairs: &mut [(u32, u32)]);
}

fn main() {}
