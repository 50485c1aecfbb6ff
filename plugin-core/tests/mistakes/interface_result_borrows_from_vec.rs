use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn first<'a>(&self, bytes: &'a mut Vec<u8>) -> &'a [u8];
}

fn main() {}
