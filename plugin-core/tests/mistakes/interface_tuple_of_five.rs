use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn five(&self) -> (u8, u8, u8, u8, u8);
    fn one(&self, only: (u8,));
}

fn main() {}
