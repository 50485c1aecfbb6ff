use plugin_macros::symbol;

fn main() {
    let plugin = ();
    let _ = symbol!(plugin, greet: extern "C" fn(name: &str));
}
