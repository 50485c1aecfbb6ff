use plugin_core::plugin_interface;

pub trait Ordinary {}

#[plugin_interface]
pub trait Subject: Ordinary {
    fn method(&self);
}

fn main() {}
