use plugin_core::plugin_interface;
use std::sync::Arc;

#[plugin_interface]
pub trait Subject {
    fn shared(&self, numbers: &dyn Iterator<Item = u8>);
    fn borrowing(&self, texts: &mut dyn Iterator<Item = &str>);
    fn result(&mut self) -> &mut dyn Iterator<Item = u8>;
    fn nested(&self, numbers: Option<&mut dyn Iterator<Item = u8>>);
    fn kept<'a>(&'a self, numbers: &'a mut dyn Iterator<Item = u8>);
    fn counted(&self) -> Arc<dyn Iterator<Item = u8>>;
    fn of_what_cannot_cross(&self) -> Box<dyn Iterator<Item = std::rc::Rc<u8>>>;
    fn of_lists(&self, lists: &mut dyn Iterator<Item = std::collections::LinkedList<u8>>);
}

fn main() {}
