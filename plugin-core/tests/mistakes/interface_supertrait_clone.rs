use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject: Clone + Sized + std::fmt::Debug {
    fn method(&self);
}

fn main() {}
