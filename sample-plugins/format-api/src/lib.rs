//! The interfaces that the formatter plugins and their host share: ordinary Rust.

use plugin_core::{Crossing, PluginPanic, plugin_interface};

/// Why a text was not formatted.
#[derive(Debug, Clone, PartialEq, Eq, Crossing, thiserror::Error)]
pub enum FormatError {
    /// The text is not of the formatter's language.
    #[error("{message}")]
    Syntax {
        /// What the library behind the formatter says, as it is.
        message: String,
    },
    /// The formatter has a defect.
    #[error("the formatter panicked: {message}")]
    Panicked {
        /// The panic's message.
        message: String,
    },
    /// Formatters ask each other for code in code in code, without end.
    #[error("code in other code, more than {limit} deep")]
    TooDeep {
        /// How deep is deep enough.
        limit: u32,
    },
}

impl FormatError {
    /// A text that the library behind a formatter refuses.
    #[must_use]
    pub fn syntax(message: impl ToString) -> Self {
        Self::Syntax { message: message.to_string() }
    }
}

impl From<PluginPanic> for FormatError {
    fn from(panic: PluginPanic) -> Self {
        Self::Panicked { message: panic.message().to_owned() }
    }
}

/// Formats whole files of some languages.
#[plugin_interface]
pub trait Formatter: Send + Sync {
    /// What it formats, in lower case: endings of file names, and languages of code inside of other files.
    fn languages(&self) -> Vec<String>;

    /// Formats a text; `None` if it is formatted already.
    ///
    /// `file` is the path that the text is from: some names have conventions of their own. `line_width` is how long
    /// lines should be, if that is not the formatter's affair. `others` formats what is in another language.
    ///
    /// # Errors
    ///
    /// [`FormatError::Syntax`] for a text that is not of the language.
    fn format(
        &self,
        file: &str,
        text: &str,
        line_width: Option<u32>,
        others: &dyn Others,
    ) -> Result<Option<String>, FormatError>;
}

/// What a host offers to a formatter: the other formatters.
#[plugin_interface]
pub trait Others: Send + Sync {
    /// Formats code that is part of a text; `None` if it is formatted already, or if nothing formats its language.
    ///
    /// # Errors
    ///
    /// What the formatter of the language says.
    fn format_code(&self, language: &str, code: &str, line_width: u32)
    -> Result<Option<String>, FormatError>;
}
