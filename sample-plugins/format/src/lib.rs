//! Formats the files in a directory, each by the plugin that knows its language; the program is a thin `main` over this.
//!
//! Writing a formatter? You want `format-api`.

mod error;
mod file;
mod formatters;
mod others;
mod replace;
mod walk;

pub use error::{FileError, LoadError};
pub use file::{MAX_SIZE, Mode, Outcome, process};
pub use formatters::Formatters;
pub use walk::find;
