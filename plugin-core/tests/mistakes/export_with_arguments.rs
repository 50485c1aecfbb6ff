use plugin_core::export_plugin;

#[export_plugin(name = "greeter")]
pub mod plugin {
    pub fn f() {}
}

fn main() {}
