use plugin_core::plugin_interface;
use std::collections::HashMap;

#[plugin_interface]
pub trait Subject {
    fn table(&self) -> HashMap<String, u32>;
}

fn main() {}
