use plugin_macros::symbol;

fn main() {
    let plugin = ();
    let _ = symbol!(greet: fn());
}
