//! A plugin whose interface takes and returns text and vectors.

use plugin_core::{export_plugin, plugin_interface};

/// Text and vectors, both ways.
#[plugin_interface]
pub trait Words: Send + Sync {
    /// Joins words.
    fn join(&self, words: Vec<String>, separator: &str) -> String;
    /// The bytes of a text.
    fn bytes(&self, text: &str) -> Vec<u8>;
}

#[derive(Default)]
struct Plain;

#[export_plugin]
impl Words for Plain {
    fn join(&self, words: Vec<String>, separator: &str) -> String {
        words.join(separator)
    }

    fn bytes(&self, text: &str) -> Vec<u8> {
        text.as_bytes().to_vec()
    }
}
