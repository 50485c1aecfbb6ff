use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn on_change(&self, callback: fn(u32) -> u32);
}

fn main() {}
