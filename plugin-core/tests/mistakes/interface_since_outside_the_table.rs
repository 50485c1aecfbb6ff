use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    #[since("1.1.0")]
    fn create() -> u32
    where
        Self: Sized,
    {
        0
    }
}

fn main() {}
