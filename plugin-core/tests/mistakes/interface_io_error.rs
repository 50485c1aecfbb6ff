use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn write(&self, bytes: &[u8]) -> std::io::Result<usize>;
}

fn main() {}
