use std::rc::Rc;

use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject: Send + Sync {
    async fn fetch(&self) -> u32;
}

struct Object;

impl Subject for Object {
    async fn fetch(&self) -> u32 {
        let shared = Rc::new(1);
        std::future::ready(()).await;
        *shared
    }
}

fn main() {}
