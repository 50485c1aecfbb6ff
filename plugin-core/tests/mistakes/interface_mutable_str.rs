use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn shout(&self, text: &mut str);
}

fn main() {}
