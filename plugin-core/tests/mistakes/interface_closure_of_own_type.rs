use plugin_core::plugin_interface;

pub struct Plain;

#[plugin_interface]
pub trait Subject {
    fn own(&self, visit: &dyn Fn(Plain));
}

fn main() {}
