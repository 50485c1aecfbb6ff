use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    #[since("1.1.0")]
    fn newer(&self) -> u32 {
        0
    }
    
    fn older(&self) -> u32;
}

fn main() {}
