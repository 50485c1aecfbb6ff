use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn method<T>(&self, value: T);
}

fn main() {}
