use plugin_core::plugin_interface;
use std::time::{Instant, SystemTime};

#[plugin_interface]
pub trait Subject {
    fn modified(&self) -> SystemTime;
    fn since(&self, start: Instant);
}

fn main() {}
