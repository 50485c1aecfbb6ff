//! What the host offers to a formatter: the other formatters, for code that is part of a text.

use std::sync::OnceLock;

use format_api::{FormatError, Formatter, Others};

use crate::{error::FileError, formatters::Formatters};

/// How deep code may be in other code: a formatter that asks for itself would run out of stack.
const LIMIT: u32 = 16;

/// What is asked of the formatters on behalf of one file.
pub(crate) struct Asked<'a> {
    formatters: &'a Formatters,
    /// The first failure that is not about the code: whoever asked may have passed over it.
    defect: OnceLock<FileError>,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(formatters: &'a Formatters) -> Self {
        Self { formatters, defect: OnceLock::new() }
    }

    /// For the formatter of the file.
    pub(crate) fn others(&self) -> impl Others + '_ {
        Nested { asked: self, depth: 0 }
    }

    pub(crate) fn defect(self) -> Option<FileError> {
        self.defect.into_inner()
    }
}

/// The formatters, as one sees them that formats code at some depth.
struct Nested<'a> {
    asked: &'a Asked<'a>,
    depth: u32,
}

impl Others for Nested<'_> {
    fn format_code(
        &self,
        language: &str,
        code: &str,
        line_width: u32,
    ) -> Result<Option<String>, FormatError> {
        let Some(formatter) = self.asked.formatters.of_language(language) else {
            return Ok(None);
        };
        let formatted = if self.depth < LIMIT {
            let file = format!("code.{}", language.trim());
            let deeper = Self { depth: self.depth + 1, ..*self };
            formatter.format(&file, code, Some(line_width), &deeper)
        } else {
            Err(FormatError::TooDeep { limit: LIMIT })
        };
        if let Err(error @ (FormatError::Panicked { .. } | FormatError::TooDeep { .. })) = &formatted {
            let defect = FileError::Code { language: language.to_owned(), error: error.clone() };
            // Only the first is kept: the others may follow from it.
            let _ = self.asked.defect.set(defect);
        }
        formatted
    }
}
