use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn duplicate(&self) -> Self
    where
        Self: Sized;
}

fn main() {}
