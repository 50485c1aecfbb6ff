use plugin_core::StableLayout;

#[derive(StableLayout)]
pub struct Point {
    x: f64,
}

#[derive(StableLayout)]
pub enum Level {
    Low,
}

fn main() {}
