use plugin_core::{StableLayout, plugin_interface};

#[derive(StableLayout)]
#[repr(C)]
pub struct Holder<'a> {
    number: &'a u64,
}

#[plugin_interface]
pub trait Subject {
    fn forever(&self, numbers: &'static mut Vec<u64>);
    fn in_another<'a>(&self, numbers: &'a mut Vec<u64>, holder: &mut Holder<'a>);
    fn in_the_object<'a>(&'a mut self, text: &'a mut String);
}

fn main() {}
