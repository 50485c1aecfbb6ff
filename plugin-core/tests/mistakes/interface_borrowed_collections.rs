use plugin_core::plugin_interface;
use std::collections::{BTreeSet, HashMap};

#[plugin_interface]
pub trait Subject {
    fn map(&self, map: &HashMap<String, u8>);
    fn set(&self, set: &mut BTreeSet<u8>);
    fn boxes(&self, boxes: &[Box<str>]);
}

fn main() {}
