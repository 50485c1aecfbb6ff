use plugin_core::plugin_interface;

#[plugin_interface(name = "codec", version = "1")]
pub trait Subject {
    fn method(&self);
}

fn main() {}
