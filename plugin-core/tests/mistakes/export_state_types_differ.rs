#[plugin_core::export_plugin]
pub mod plugin {
    pub fn answer() -> u32 {
        42
    }

    #[save]
    fn save() -> u64 {
        1
    }

    #[restore]
    fn restore(state: u32) {
        let _ = state;
    }
}

fn main() {}
