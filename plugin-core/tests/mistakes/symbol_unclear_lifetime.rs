use plugin_macros::symbol;

fn main() {
    let plugin = ();
    let _ = symbol!(plugin, longest: fn(&str, &str) -> &str);
    let _ = symbol!(plugin, constant: fn() -> Option<&str>);
}
