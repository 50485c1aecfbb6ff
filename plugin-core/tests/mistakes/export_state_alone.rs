#[plugin_core::export_plugin]
pub mod saves {
    pub fn answer() -> u32 {
        42
    }

    #[save(version = 2)]
    fn save() -> u32 {
        1
    }

    #[restore]
    fn restore(_state: u32) {}
}

#[plugin_core::export_plugin]
pub mod restores {
    pub fn answer() -> u32 {
        42
    }

    #[restore]
    fn restore(_state: u32) {}
}

fn main() {}
