use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    #[since("1.1")]
    fn newer(&self) -> u32 {
        0
    }
    #[since]
    fn newest(&self) -> u32 {
        0
    }
    #[since(2)]
    fn latest(&self) -> u32 {
        0
    }
}

fn main() {}
