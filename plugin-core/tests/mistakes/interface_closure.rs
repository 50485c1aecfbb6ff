use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn each(&self, visit: &mut dyn FnMut(u32));
    fn all(&self, visit: Box<dyn Fn(u32)>);
}

fn main() {}
