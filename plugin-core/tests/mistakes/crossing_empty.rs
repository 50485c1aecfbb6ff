use plugin_core::Crossing;

#[derive(Crossing)]
enum Never {}

fn main() {}
