use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn fill(&self, words: &mut Vec<String>);
}

fn main() {}
