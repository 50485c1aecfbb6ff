use plugin_core::plugin_interface;
use std::{collections::HashMap, rc::Rc, sync::Arc};

#[plugin_interface]
pub trait Subject<T>: Sized {
    const LIMIT: usize;
    fn create() -> Self;
    fn share(&self, table: HashMap<u8, Rc<u8>>) -> Arc<u8>;
    async fn wait<T>(self, text: &String, callback: fn(&[&Vec<u8>]));
}

fn main() {}
