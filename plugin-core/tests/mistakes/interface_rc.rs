use plugin_core::plugin_interface;
use std::rc::Rc;

#[plugin_interface]
pub trait Subject {
    fn share(&self) -> Rc<u32>;
}

fn main() {}
