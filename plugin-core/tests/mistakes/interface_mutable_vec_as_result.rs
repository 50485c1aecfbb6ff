use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn buffer(&mut self) -> &mut Vec<u8>;
}

fn main() {}
