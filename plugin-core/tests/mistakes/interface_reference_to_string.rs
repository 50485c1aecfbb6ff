use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn greet(&self, name: &String) -> String;
}

fn main() {}
