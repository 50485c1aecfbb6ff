use plugin_core::plugin_interface;
use std::{any::Any, error::Error, sync::Arc};

#[plugin_interface]
pub trait Subject {
    fn borrowed(&self, error: &dyn Error);
    fn borrowing<'a>(&'a self) -> Box<dyn Error + 'a>;
    fn counted(&self) -> Result<u8, Arc<dyn Error + Send + Sync>>;
    fn nested(&self, error: Option<&dyn Error>);
    fn any(&self) -> Box<dyn Any>;
}

fn main() {}
