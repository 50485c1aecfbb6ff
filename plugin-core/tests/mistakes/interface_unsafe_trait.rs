use plugin_core::plugin_interface;

#[plugin_interface]
pub unsafe trait Subject {
    fn method(&self);
}

fn main() {}
