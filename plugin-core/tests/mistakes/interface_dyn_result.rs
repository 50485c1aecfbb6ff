use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn check(&self) -> Result<u32, Box<dyn std::error::Error + Send + Sync>>;
}

fn main() {}
