use plugin_core::plugin_interface;
use std::{marker::Send as S, sync::Arc};

#[plugin_interface]
pub trait Counter: Send {
    fn count(&self) -> u64;
}

#[plugin_interface]
pub trait Subject {
    fn share(&self, counter: Arc<dyn Counter>);
}

#[plugin_interface]
pub trait Closures {
    fn share(&self, of: Arc<dyn Fn() + Send>);
    fn renamed(&self, of: Box<dyn Fn() + S>);
}

fn main() {}
