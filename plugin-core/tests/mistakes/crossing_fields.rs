//! Fields that do not cross: by how they are written, and by what they are.

use std::{collections::HashMap, rc::Rc};

use plugin_core::{Crossing, plugin_interface};

pub struct Plain(u8);

#[derive(Crossing)]
pub struct Request<'a> {
    name: String,
    shared: Rc<u8>,
    lent: &'a mut Vec<u8>,
    callback: Box<dyn Fn()>,
    number: Box<u8>,
}

#[derive(Crossing)]
pub struct Settings<'a> {
    plain: Plain,
    all: Vec<Plain>,
    borrowed: &'a Plain,
}

#[derive(Crossing)]
pub enum Event {
    Started,
    Failed(Plain),
}

// Reported once: these are no mistakes.
#[plugin_interface]
pub trait Worker {
    fn work(&self, request: Request<'_>);
}

fn main() {
    let _: HashMap<u8, u8>;
}
