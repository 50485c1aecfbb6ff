use plugin_core::plugin_interface;
use std::path::{Path, PathBuf};

#[plugin_interface]
pub trait Subject {
    fn open(&self, path: &Path) -> PathBuf;
}

fn main() {}
