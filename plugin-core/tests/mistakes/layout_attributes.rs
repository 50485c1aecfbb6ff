use plugin_core::StableLayout;

#[derive(StableLayout)]
#[layout(recursive)]
#[repr(C)]
pub struct Point {
    #[layout]
    x: f64,
    #[layout(skip)]
    y: f64,
    #[layout(recursive)]
    z: f64,
}

fn main() {}
