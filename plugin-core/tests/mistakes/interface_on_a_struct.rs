use plugin_core::plugin_interface;

/// Documented.
#[plugin_interface]
#[derive(Debug)]
pub struct Subject {
    field: u32,
}

fn main() {}
