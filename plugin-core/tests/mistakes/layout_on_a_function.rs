use plugin_core::StableLayout;

#[derive(StableLayout)]
fn function() {}

fn main() {}
