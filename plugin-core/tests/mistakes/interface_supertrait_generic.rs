use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject: AsRef<str> + Iterator<Item = u8> {
    fn method(&self);
}

fn main() {}
