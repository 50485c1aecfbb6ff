use plugin_core::plugin_interface;
use std::sync::Arc;

#[plugin_interface]
pub trait Subject {
    fn share(&self) -> Arc<u32>;
}

fn main() {}
