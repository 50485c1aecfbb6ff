use plugin_core::Crossing;

#[derive(Crossing)]
union Either {
    whole: u64,
    half: u32,
}

fn main() {}
