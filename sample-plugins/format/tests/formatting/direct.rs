//! The libraries behind the plugins, called as functions of this program: what the plugins are held against.

use std::path::Path;

/// What the library for a file makes of a text; its error as it shows it.
pub(crate) fn format(file: &Path, text: &str, line_width: Option<u32>) -> Result<Option<String>, String> {
    let language = file.extension().unwrap().to_str().unwrap();
    match language {
        "json" | "jsonc" => {
            let mut configuration = dprint_plugin_json::configuration::ConfigurationBuilder::new();
            line_width.map(|width| configuration.line_width(width));
            dprint_plugin_json::format_text(file, text, &configuration.build())
                .map_err(|error| error.to_string())
        }
        "toml" => {
            let mut configuration = dprint_plugin_toml::configuration::ConfigurationBuilder::new();
            line_width.map(|width| configuration.line_width(width));
            dprint_plugin_toml::format_text(file, text, &configuration.build())
                .map_err(|error| error.to_string())
        }
        "md" | "markdown" => {
            let mut configuration = dprint_plugin_markdown::configuration::ConfigurationBuilder::new();
            line_width.map(|width| configuration.line_width(width));
            dprint_plugin_markdown::format_text(text, &configuration.build(), |_, _, _| Ok(None))
                .map_err(|error| error.to_string())
        }
        other => panic!("no library for {other}"),
    }
}
