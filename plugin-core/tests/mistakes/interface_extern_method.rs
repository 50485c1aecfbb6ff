use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    extern "C" fn method(&self);
}

fn main() {}
