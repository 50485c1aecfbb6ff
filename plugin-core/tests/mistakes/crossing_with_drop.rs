use plugin_core::Crossing;

#[derive(Crossing)]
struct Guard {
    name: String,
}

impl Drop for Guard {
    fn drop(&mut self) {}
}

fn main() {}
