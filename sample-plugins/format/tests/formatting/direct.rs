//! The libraries behind the plugins, called as functions of this program: what the plugins are held against.

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// What the library for a file makes of a text; its error as it shows it.
pub(crate) fn format(file: &Path, text: &str, line_width: Option<u32>) -> Result<Option<String>, String> {
    format_counting(file, text, line_width, &AtomicUsize::new(0))
}

/// The same, which counts pieces of code in other files that were not formatted.
pub(crate) fn format_counting(
    file: &Path,
    text: &str,
    line_width: Option<u32>,
    code_changed: &AtomicUsize,
) -> Result<Option<String>, String> {
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
        "md" | "mkd" | "mdwn" | "mkdn" | "mdown" | "markdown" => {
            let mut configuration = dprint_plugin_markdown::configuration::ConfigurationBuilder::new();
            line_width.map(|width| configuration.line_width(width));
            dprint_plugin_markdown::format_text(text, &configuration.build(), |language, code, width| {
                format_code(language, code, width, code_changed)
            })
            .map_err(|error| error.to_string())
        }
        other => panic!("no library for {other}"),
    }
}

fn format_code(
    language: &str,
    code: &str,
    width: u32,
    code_changed: &AtomicUsize,
) -> Result<Option<String>, dprint_plugin_markdown::FormatError> {
    let language = language.trim().to_lowercase();
    if !["json", "jsonc", "toml", "mkd", "mdwn", "mkdn", "mdown"].contains(&language.as_str()) {
        return Ok(None);
    }
    let formatted = format_counting(Path::new(&format!("code.{language}")), code, Some(width), code_changed);
    code_changed.fetch_add(usize::from(matches!(formatted, Ok(Some(_)))), Relaxed);
    formatted.map_err(|error| dprint_plugin_markdown::FormatError::CodeBlock(error.into()))
}
