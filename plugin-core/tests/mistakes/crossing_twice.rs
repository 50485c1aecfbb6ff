use plugin_core::{Crossing, StableLayout};

#[derive(Crossing, StableLayout)]
#[repr(C)]
struct Header {
    flags: u8,
}

fn main() {}
