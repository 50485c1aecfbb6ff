use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn numbers(&self) -> impl Iterator<Item = u32>;
}

fn main() {}
