use plugin_core::Instance;

trait Ordinary {
    fn method(&self);
}

struct Object;

impl Ordinary for Object {
    fn method(&self) {}
}

fn main() {
    let _ = Instance::<dyn Ordinary>::new(Object);
}
