use plugin_core::{StableLayout, abi::RStr, export_plugin, plugin_interface};

#[derive(StableLayout)]
#[repr(C)]
pub struct Guard<'a> {
    text: RStr<'a>,
}

#[plugin_interface]
pub trait Subject {
    fn view(&self) -> Guard;
}

#[plugin_interface]
pub trait Other {
    fn choose<'a>(&self, one: Guard<'a>, other: Guard) -> Guard<'a>;
    fn nested(&self, guards: Vec<Option<Guard>>);
}

#[export_plugin]
pub mod plugin {
    pub fn shown(guard: super::Guard) {}
}

fn main() {}
