use plugin_core::plugin_interface;

macro_rules! methods {
    () => {};
}

#[plugin_interface]
pub trait Subject {
    methods!();
}

fn main() {}
