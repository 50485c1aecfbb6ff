use plugin_core::plugin_interface;

pub trait Subject {
    fn method(&self);
}

#[plugin_interface]
impl Subject for u32 {
    fn method(&self) {}
}

fn main() {}
