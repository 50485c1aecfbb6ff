use plugin_core::export_plugin;

#[export_plugin(version = 1)]
pub mod plugin {
    use std::rc::Rc;

    pub static mut A: u32 = 0;

    pub fn b<T>(value: T) -> Rc<T> {
        Rc::new(value)
    }

    #[init]
    #[provides]
    fn c() {}

    #[init]
    fn d(_one: u8, _two: u8) {}
}

fn main() {}
