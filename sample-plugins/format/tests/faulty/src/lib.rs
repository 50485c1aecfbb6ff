//! A formatter that does what formatters must not, as the text tells it: for the tests of their host. The language is
//! `faulty`, or what `FORMAT_FAULTY` says.

use format_api::{FormatError, Formatter, Others};
use plugin_core::export_plugin;

#[derive(Default)]
struct Faulty;

#[export_plugin]
impl Formatter for Faulty {
    fn languages(&self) -> Vec<String> {
        vec![std::env::var("FORMAT_FAULTY").unwrap_or_else(|_| "faulty".to_owned())]
    }

    fn format(
        &self,
        file: &str,
        text: &str,
        line_width: Option<u32>,
        others: &dyn Others,
    ) -> Result<Option<String>, FormatError> {
        match text.trim_end() {
            "recurse" => others.format_code("faulty", text, 80),
            "width" => Ok(Some(format!("{file} {line_width:?}"))),
            "panic" => panic!("out of luck with {file}"),
            "grow" => Ok(Some("grown\n".repeat(1 << 19))),
            _ => Ok(None),
        }
    }
}
