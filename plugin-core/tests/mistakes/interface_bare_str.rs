use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn text(&self) -> str;
    fn slice(&self, bytes: [u8]);
}

fn main() {}
