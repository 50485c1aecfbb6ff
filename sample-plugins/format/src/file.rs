//! One file: read, formatted, and replaced if that is wanted.

use std::{fs, path::Path};

use crate::{error::FileError, formatters::Formatters, replace::replace};

/// Larger files are skipped: they are data, and formatters take many times the size of a text.
pub const MAX_SIZE: u64 = 16 << 20;

/// What is done about files that are not formatted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They are only named.
    Check,
    /// They are replaced.
    Write,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is formatted.
    Unchanged,
    /// It was not formatted: it has been replaced, or would be.
    Changed,
    /// It is larger than [`MAX_SIZE`].
    TooLarge,
}

/// Formats one file.
///
/// # Errors
///
/// The reason why the file was left as it is.
pub fn process(
    formatters: &Formatters,
    path: &Path,
    mode: Mode,
    line_width: Option<u32>,
) -> Result<Outcome, FileError> {
    let Some(formatter) = formatters.of_file(path) else {
        return Err(FileError::Unknown { known: formatters.languages().map(str::to_owned).collect() });
    };
    if fs::metadata(path).map_err(FileError::Read)?.len() > MAX_SIZE {
        return Ok(Outcome::TooLarge);
    }
    let text = String::from_utf8(fs::read(path).map_err(FileError::Read)?)
        .map_err(|error| FileError::NotText { valid_up_to: error.utf8_error().valid_up_to() })?;
    let Some(formatted) = formatters.format(formatter, path, &text, line_width)? else {
        return Ok(Outcome::Unchanged);
    };
    if mode == Mode::Write {
        replace(path, &text, &formatted)?;
    }
    Ok(Outcome::Changed)
}
