use plugin_core::plugin_interface;
use std::{collections::LinkedList, rc::Rc, sync::Arc};

pub struct Plain;

#[plugin_interface]
pub trait Subject {
    fn shared_mut(&self, visit: &dyn FnMut(u32));
    fn mutable(&self, visit: &mut dyn Fn(u32));
    fn lent_once(&self, visit: &dyn FnOnce(u32), other: &mut dyn FnOnce());
    fn shared_once(&self, visit: Arc<dyn FnOnce(u32)>);
    fn inside(&self, visit: Option<Box<dyn Fn(u32)>>, all: Vec<Box<dyn FnMut()>>);
    fn returned(&self) -> &dyn Fn(u32);
    fn outer<'a>(&'a self, visit: &dyn Fn(&'a str) -> &'a str);
    fn unclear(&self, visit: &dyn Fn(&str, &str) -> &str);
    fn bounded(&self, visit: Box<dyn Fn() + '_>);
    fn types(&self, visit: &dyn Fn(LinkedList<u8>, Rc<u8>) -> &String);
}

fn main() {}
