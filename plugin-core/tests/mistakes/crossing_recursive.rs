//! With other arguments.

use plugin_core::Crossing;

#[derive(Crossing)]
struct Node<T> {
    value: T,
    others: Vec<Node<u8>>,
}

fn main() {}
