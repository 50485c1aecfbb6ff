use plugin_core::plugin_interface;
use std::fmt::Display;

#[plugin_interface]
pub trait Subject {
    fn show(&self, value: &dyn Display) -> String;
}

fn main() {}
