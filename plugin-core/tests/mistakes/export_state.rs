#[plugin_core::export_plugin]
pub mod plugin {
    pub fn answer() -> u32 {
        42
    }

    #[save(version = "two")]
    fn save() -> u32 {
        1
    }

    #[save]
    fn save_more(more: u32) {}

    #[restore(since = 2)]
    fn restore(state: &str) {}

    #[restore]
    fn restore_again(state: u32) {}

    #[restore(version = 3)]
    fn restore_nothing() {}

    #[restore(version = 4)]
    async fn restore_later<T>(state: T) {}

    #[restore]
    struct Restored;
}

fn main() {}
