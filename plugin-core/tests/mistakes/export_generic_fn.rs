use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    pub fn largest<T: Ord>(values: Vec<T>) -> Option<T> {
        values.into_iter().max()
    }
}

fn main() {}
