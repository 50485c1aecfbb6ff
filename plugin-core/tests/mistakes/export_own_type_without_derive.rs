use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    pub struct Own;

    pub fn g(own: Own) -> std::io::Result<u8> {
        let _ = own;
        Ok(1)
    }
}

fn main() {}
