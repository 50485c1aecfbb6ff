use plugin_core::plugin_interface;
use std::sync::Arc;

#[plugin_interface]
pub trait Service: Send {
    fn serve(&self);
}

#[plugin_interface]
pub trait Subject {
    fn lend(&self) -> &dyn Service;
    fn perhaps(&self, service: Option<&dyn Service>);
    fn keep<'a>(&'a self, service: &'a dyn Service);
    fn pass<'a>(&self, service: &'a mut dyn Service) -> &'a str;
    fn marked(&self, service: Box<dyn Service + Send>, other: Arc<dyn Service + '_>);
    fn bare(&self, service: RBox<dyn Service>);
}

fn main() {}
