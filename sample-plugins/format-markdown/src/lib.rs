//! Markdown formatted as a plugin, by `dprint-plugin-markdown` with its defaults.

use dprint_plugin_markdown::{configuration::ConfigurationBuilder, format_text};
use format_api::{FormatError, Formatter};
use plugin_core::export_plugin;

#[derive(Default)]
struct Markdown;

#[export_plugin]
impl Formatter for Markdown {
    fn languages(&self) -> Vec<String> {
        // The endings that the library names for its own command line.
        ["md", "mkd", "mdwn", "mkdn", "mdown", "markdown"].map(str::to_owned).to_vec()
    }

    fn format(&self, _: &str, text: &str, line_width: Option<u32>) -> Result<Option<String>, FormatError> {
        let mut configuration = ConfigurationBuilder::new();
        if let Some(width) = line_width {
            configuration.line_width(width);
        }
        format_text(text, &configuration.build(), |_, _, _| Ok(None)).map_err(FormatError::syntax)
    }
}
