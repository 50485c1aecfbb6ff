use plugin_core::StableLayout;

#[derive(StableLayout)]
#[repr(u128)]
pub enum Wide {
    One,
}

#[derive(StableLayout)]
#[repr(u8)]
pub enum Never {}

#[derive(StableLayout)]
#[repr(align(8))]
pub struct Aligned(u8);

fn main() {}
