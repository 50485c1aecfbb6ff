use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject<'a> {
    fn method(&self) -> &'a str;
}

fn main() {}
