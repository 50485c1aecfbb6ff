use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    const LIMIT: usize;
    
    fn method(&self);
}

fn main() {}
