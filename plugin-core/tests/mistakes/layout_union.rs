use plugin_core::StableLayout;

#[derive(StableLayout)]
#[repr(C)]
pub union Number {
    integer: u32,
    float: f32,
}

fn main() {}
