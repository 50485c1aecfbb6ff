//! TOML formatted as a plugin, by `dprint-plugin-toml` with its defaults.

use std::path::Path;

use dprint_plugin_toml::{configuration::ConfigurationBuilder, format_text};
use format_api::{FormatError, Formatter, Others};
use plugin_core::export_plugin;

#[derive(Default)]
struct Toml;

#[export_plugin]
impl Formatter for Toml {
    fn languages(&self) -> Vec<String> {
        vec!["toml".to_owned()]
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
