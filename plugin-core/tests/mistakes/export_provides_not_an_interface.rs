use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    #[provides]
    pub fn text() -> impl std::fmt::Display {
        "text"
    }
}

fn main() {}
