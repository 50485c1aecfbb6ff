use plugin_macros::symbol;

fn main() {
    let plugin = ();
    let _ = symbol!(plugin, greet);
    let _ = symbol!(plugin, greet:);
    let _ = symbol!(plugin);
    let _ = symbol!(plugin, "greet": fn());
    let _ = symbol!();
}
