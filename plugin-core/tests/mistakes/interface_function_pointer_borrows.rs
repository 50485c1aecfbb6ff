use plugin_core::{abi::RStr, plugin_interface};

#[plugin_interface]
pub trait Subject {
    fn elided(&self, visit: extern "C" fn(&u8));
    fn named<'a>(&self, visit: extern "C" fn(&'a u8) -> &'static u8);
    fn bound(&self, visit: for<'a> extern "C" fn(&'a u8));
    fn inside<'a>(&self, visit: Option<extern "C" fn(RStr<'a>) -> RStr<'_>>);
    fn result(&self) -> extern "C" fn(extern "C" fn(&mut u8));
}

fn main() {}
