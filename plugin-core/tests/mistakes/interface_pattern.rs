use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn sum(&self, (a, b): (u32, u32)) -> u32 {
        a + b
    }
}

fn main() {}
