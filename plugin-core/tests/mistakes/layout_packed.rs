use plugin_core::StableLayout;

#[derive(StableLayout)]
#[repr(C, packed)]
pub struct Header {
    kind: u8,
    length: u32,
}

fn main() {}
