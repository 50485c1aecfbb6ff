use plugin_macros::symbol;

fn main() {
    let plugin = ();
    let _ = symbol!(plugin, greet: fn(name: &String, list: LinkedList<u8>) -> Box<dyn Display>);
    let _ = symbol!(plugin, other: fn(_) -> Rc<_>);
}
