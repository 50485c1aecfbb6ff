use plugin_core::{
    StableLayout,
    abi::{RBox, ROption},
};

#[derive(StableLayout)]
#[repr(C)]
pub struct Node {
    value: u32,
    next: ROption<RBox<Node>>,
}

fn main() {}
