use plugin_core::plugin_interface;

pub type Bytes = Vec<u8>;

#[plugin_interface]
pub trait Subject {
    fn first<'a>(&self, bytes: &'a mut Bytes) -> &'a [u8];
}

fn main() {}
