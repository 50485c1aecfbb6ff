use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    #[cfg(unix)]
    fn descriptor(&self) -> i32;
    fn open(&self, #[cfg(unix)] mode: u32);
}

fn main() {}
