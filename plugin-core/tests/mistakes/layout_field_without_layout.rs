use plugin_core::StableLayout;

#[derive(StableLayout)]
#[repr(C)]
pub struct Person {
    name: String,
    ages: Vec<u8>,
    shape: Shape,
    text: Option<u32>,
}

pub struct Shape;

#[derive(StableLayout)]
#[repr(u8)]
pub enum Failure {
    Io(std::io::Error),
    Parse { text: &'static str },
}

fn main() {}
