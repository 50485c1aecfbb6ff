use plugin_core::export_plugin;

#[derive(Default)]
pub struct Polite;

#[export_plugin]
impl Polite {
    pub fn greet(&self) {}
}

fn main() {}
