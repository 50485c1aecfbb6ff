use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn run(&self, command: &str) -> std::process::ExitStatus;
}

fn main() {}
