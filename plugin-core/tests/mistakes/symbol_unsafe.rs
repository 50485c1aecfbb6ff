use plugin_macros::symbol;

fn main() {
    let plugin = ();
    let _ = symbol!(plugin, read: unsafe fn(address: *const u8) -> u8);
}
