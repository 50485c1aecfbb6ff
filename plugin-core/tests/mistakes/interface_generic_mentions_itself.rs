use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject<T> {
    fn next(&self) -> Option<Box<dyn Subject<T>>>;
    fn join(&self, other: &dyn Subject<T>);
}

fn main() {}
