use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    use std::{collections::LinkedList, path::PathBuf, rc::Rc};

    pub fn f(path: &PathBuf, list: LinkedList<u8>) -> Rc<u8> {
        let _ = (path, list);
        Rc::new(0)
    }

    pub async fn h() {}

    pub extern "C" fn i() {}
}

fn main() {}
