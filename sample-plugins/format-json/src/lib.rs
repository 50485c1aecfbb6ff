//! JSON formatted as a plugin, by `dprint-plugin-json` with its defaults.

use std::path::Path;

use dprint_plugin_json::{configuration::ConfigurationBuilder, format_text};
use format_api::{FormatError, Formatter, Others};
use plugin_core::export_plugin;

#[derive(Default)]
struct Json;

#[export_plugin]
impl Formatter for Json {
    fn languages(&self) -> Vec<String> {
        ["json", "jsonc"].map(str::to_owned).to_vec()
    }

    fn format(
        &self,
        file: &str,
        text: &str,
        line_width: Option<u32>,
        _: &dyn Others,
    ) -> Result<Option<String>, FormatError> {
        let mut configuration = ConfigurationBuilder::new();
        if let Some(width) = line_width {
            configuration.line_width(width);
        }
        format_text(Path::new(file), text, &configuration.build()).map_err(FormatError::syntax)
    }
}
