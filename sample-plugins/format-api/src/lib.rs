//! The interfaces that the formatter plugins and their host share: ordinary Rust.

use plugin_core::{PluginPanic, StableLayout, abi::RString, plugin_interface};

/// Why a text was not formatted.
#[derive(Debug, Clone, PartialEq, Eq, StableLayout, thiserror::Error)]
#[repr(u8)]
pub enum FormatError {
    /// The text is not of the formatter's language.
    #[error("{message}")]
    Syntax {
        /// What the library behind the formatter says, as it is.
        message: RString,
    },
    /// The formatter has a defect.
    #[error("the formatter panicked: {message}")]
    Panicked {
        /// The panic's message.
        message: RString,
    },
}

impl FormatError {
    /// A text that the library behind a formatter refuses.
    #[must_use]
    pub fn syntax(message: impl ToString) -> Self {
        Self::Syntax { message: message.to_string().into() }
    }
}

impl From<PluginPanic> for FormatError {
    fn from(panic: PluginPanic) -> Self {
        Self::Panicked { message: panic.message().into() }
    }
}

/// Formats whole files of some languages.
#[plugin_interface]
pub trait Formatter: Send + Sync {
    /// What it formats, in lower case: endings of file names, and languages of code blocks in Markdown.
    fn languages(&self) -> Vec<String>;

    /// Formats a text; `None` if it is formatted already.
    ///
    /// `file` is the path that the text is from: some names have conventions of their own. `line_width` is how long
    /// lines should be, if that is not the formatter's affair.
    ///
    /// # Errors
    ///
    /// [`FormatError::Syntax`] for a text that is not of the language.
    fn format(&self, file: &str, text: &str, line_width: Option<u32>) -> Result<Option<String>, FormatError>;
}
