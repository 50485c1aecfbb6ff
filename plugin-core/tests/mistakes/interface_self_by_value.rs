use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn finish(self) -> u32;
}

fn main() {}
