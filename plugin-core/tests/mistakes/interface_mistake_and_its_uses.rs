use plugin_core::{Instance, export_plugin, plugin_interface};

#[plugin_interface]
pub trait Subject {
    fn greet(&self, name: &String) -> String;
}

#[derive(Default)]
struct Polite;

// Nothing is wrong from here on.
#[export_plugin]
impl Subject for Polite {
    fn greet(&self, name: &String) -> String {
        name.clone()
    }
}

#[plugin_interface]
pub trait Other: Subject {}

pub fn use_it(subject: &Instance<dyn Subject>) -> String {
    subject.greet(&String::new())
}

fn main() {}
