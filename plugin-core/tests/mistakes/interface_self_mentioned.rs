use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn is_equal(&self, other: &Self) -> bool;
    fn copy(&self) -> Self;
}

fn main() {}
