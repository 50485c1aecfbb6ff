use plugin_core::plugin_interface;
use std::{pin::Pin, sync::Arc};

#[plugin_interface]
pub trait Subject {
    fn share(self: Arc<Self>) -> u32;
    fn pinned(self: Pin<&mut Self>) -> u32;
}

fn main() {}
