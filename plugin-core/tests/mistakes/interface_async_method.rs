use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    async fn fetch(&self) -> u32;
}

fn main() {}
