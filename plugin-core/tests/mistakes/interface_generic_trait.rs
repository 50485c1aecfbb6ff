use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject<T> {
    fn method(&self, value: T) -> T;
}

fn main() {}
