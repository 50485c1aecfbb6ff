use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject {
    fn join(&self, words: &[String]) -> String;
    fn join_borrowed(&self, words: &[&str]) -> String;
}

fn main() {}
