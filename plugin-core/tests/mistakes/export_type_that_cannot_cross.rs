use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    use std::{collections::HashMap, rc::Rc, path::Path};

    pub fn f(path: &Path, table: HashMap<u8, u8>) -> Rc<u8> {
        let _ = (path, table);
        Rc::new(0)
    }

    pub async fn h() {}

    pub extern "C" fn i() {}
}

fn main() {}
