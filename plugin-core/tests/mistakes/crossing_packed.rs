use plugin_core::Crossing;

#[derive(Crossing)]
#[repr(C, packed(2))]
struct Header {
    flags: u8,
    size: u32,
}

fn main() {}
