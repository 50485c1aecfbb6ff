//! An argument that does not cross.

use plugin_core::{Crossing, plugin_interface};

pub struct Plain(u8);

#[derive(Crossing)]
pub struct Wrapper<T> {
    value: T,
}

#[plugin_interface]
pub trait Worker {
    fn work(&self, plain: Wrapper<Plain>);
}

fn main() {}
