use plugin_core::{StableLayout, abi::RStr, plugin_interface};

#[derive(StableLayout)]
#[repr(C)]
pub struct Guard<'a> {
    text: RStr<'a>,
}

#[plugin_interface]
pub trait Subject {
    fn view(&self) -> Guard;
}

fn main() {}
