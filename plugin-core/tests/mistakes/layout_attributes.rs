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
    #[layout(recursive(Line))]
    line: *const Line,
}

#[derive(StableLayout)]
#[repr(C)]
pub struct Line {
    start: *const Point,
}

fn main() {}
