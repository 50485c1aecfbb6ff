use plugin_core::StableLayout;

#[derive(StableLayout)]
#[repr(C)]
pub struct Item {
    name: String,
    tags: Vec<u8>,
    place: (u32, u32),
    next: Option<&'static u32>,
}

fn main() {}
