use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject
where
    Self: Send,
 {
    fn method(&self);
}

fn main() {}
