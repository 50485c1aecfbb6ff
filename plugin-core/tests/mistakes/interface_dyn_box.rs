use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn error(&self) -> Box<dyn std::any::Any>;
}

fn main() {}
