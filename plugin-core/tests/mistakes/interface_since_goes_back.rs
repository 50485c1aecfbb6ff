use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    #[since("1.2.0")]
    fn newer(&self) -> u32 {
        0
    }
    #[since("1.1.0")]
    fn newest(&self) -> u32 {
        0
    }
}

fn main() {}
