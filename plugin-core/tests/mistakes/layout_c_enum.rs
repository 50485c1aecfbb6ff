use plugin_core::StableLayout;

#[derive(StableLayout)]
#[repr(C)]
pub enum Level {
    Low,
}

#[derive(StableLayout)]
#[repr(C, u8)]
pub enum Shape {
    Circle(f64),
}

fn main() {}
