use plugin_core::StableLayout;

#[derive(StableLayout)]
#[repr(C)]
pub struct Person {
    shape: Shape,
    age: Option<u32>,
}

pub struct Shape;

#[derive(StableLayout)]
#[repr(u8)]
pub enum Failure {
    Io(std::io::Error),
}

fn main() {}
