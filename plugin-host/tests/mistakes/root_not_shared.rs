use plugin_core::plugin_interface;
use plugin_host::Host;

#[plugin_interface]
pub trait Counter {
    fn count(&mut self) -> u64;
}

fn main() {}

pub fn opened(host: &Host) {
    let _ = host.open_root::<dyn Counter>("counter");
}
