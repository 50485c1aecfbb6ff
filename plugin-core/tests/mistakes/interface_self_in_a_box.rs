use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn finish(self: Box<Self>) -> u32;
}

fn main() {}
