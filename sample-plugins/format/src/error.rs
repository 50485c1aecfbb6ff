//! What can go wrong: with the plugins, and with one file.

use std::{io, path::PathBuf};

use format_api::FormatError;
use plugin_host::{OpenError, RootError};

/// Why there are no formatters to work with.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The directory of the plugins cannot be listed.
    #[error(transparent)]
    Discover(OpenError),
    /// None of the plugins is a formatter.
    #[error(
        "no plugin in the directory is a formatter: expected at least one; run `cargo xtask build-plugins`"
    )]
    NoFormatter {
        /// Plugins that were refused.
        refused: Vec<OpenError>,
    },
    /// Two plugins format the same language.
    #[error("the plugins {} and {} both format `{language}`: remove one of them", plugins.0, plugins.1)]
    Ambiguous {
        /// The language.
        language: String,
        /// Name and version of each.
        plugins: (String, String),
    },
    /// A formatter gives no object.
    #[error(transparent)]
    Root(#[from] RootError),
}

/// Why a file was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A file cannot be found or looked at.
    #[error("cannot search")]
    Walk(#[from] ignore::Error),
    /// No plugin formats files of this name.
    #[error("no plugin formats such files; there are plugins for {}", known.join(", "))]
    Unknown {
        /// The languages that there are plugins for.
        known: Vec<String>,
    },
    /// The file cannot be read.
    #[error("cannot read")]
    Read(#[source] io::Error),
    /// The file is not text.
    #[error("not UTF-8: expected text, found other bytes from {valid_up_to} on")]
    NotText {
        /// How many bytes are.
        valid_up_to: usize,
    },
    /// The formatter refused the text, or failed.
    #[error("{0}")]
    Format(FormatError),
    /// The formatter of code in the text failed.
    #[error("in `{language}` code: {error}")]
    Code {
        /// The language of the code.
        language: String,
        /// What the formatter says.
        error: FormatError,
    },
    /// The file must not be written.
    #[error("read-only, so it was not changed: make it writable, or name it in `.ignore`")]
    ReadOnly,
    /// Somebody else wrote the file in the meantime.
    #[error("changed by somebody else while it was formatted: try again")]
    Changed,
    /// The formatted text cannot be put in the place of the file.
    #[error("cannot write a new file beside {}", path.display())]
    Replace {
        /// The file, with every link resolved.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}
