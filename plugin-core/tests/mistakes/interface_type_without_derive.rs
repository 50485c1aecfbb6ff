use plugin_core::plugin_interface;

pub struct Shape {
    pub width: f64,
}

#[plugin_interface]
pub trait Subject {
    fn area(&self, shape: Shape) -> f64;
    fn borrowed(&self, shape: &Shape) -> f64;
    fn several(&self, shapes: Vec<Shape>) -> Option<Shape>;
}

fn main() {}
