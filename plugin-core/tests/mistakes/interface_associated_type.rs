use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    type Item;
    
    fn next(&mut self) -> Option<u8>;
}

fn main() {}
