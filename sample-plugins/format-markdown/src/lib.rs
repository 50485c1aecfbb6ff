//! Markdown formatted as a plugin, by `dprint-plugin-markdown` with its defaults; code in it by other plugins.

use dprint_plugin_markdown::{
    FormatError as MarkdownError, configuration::ConfigurationBuilder, format_text,
};
use format_api::{FormatError, Formatter, Others};
use plugin_core::export_plugin;

#[derive(Default)]
struct Markdown;

#[export_plugin]
impl Formatter for Markdown {
    fn languages(&self) -> Vec<String> {
        // The endings that the library names for its own command line.
        ["md", "mkd", "mdwn", "mkdn", "mdown", "markdown"].map(str::to_owned).to_vec()
    }

    fn format(
        &self,
        _: &str,
        text: &str,
        line_width: Option<u32>,
        others: &dyn Others,
    ) -> Result<Option<String>, FormatError> {
        let mut configuration = ConfigurationBuilder::new();
        if let Some(width) = line_width {
            configuration.line_width(width);
        }
        // An error leaves the code as it is: that is the library's default.
        let format_code = |language: &str, code: &str, width| {
            others.format_code(language, code, width).map_err(|error| MarkdownError::CodeBlock(error.into()))
        };
        format_text(text, &configuration.build(), format_code).map_err(FormatError::syntax)
    }
}
