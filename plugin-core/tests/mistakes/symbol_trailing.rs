use plugin_macros::symbol;

fn main() {
    let plugin = ();
    let _ = symbol!(plugin, greet: fn(name: &str) -> String, other);
    let _ = symbol!(plugin, greet: fn(name: &str) -> String;);
    let _ = symbol!(plugin, greet: fn(u8, ...));
}
