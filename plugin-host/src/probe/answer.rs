//! The other side of a probe: loads the file that stands as the standard input.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use super::LOADED;
use crate::{file::OpenFile, inspect::Inspected, library::Library, needed, report};

/// The loader refused the file.
const REFUSED: u8 = 3;

/// Loads the file that the standard input is, as a host would, and says so: what a helper program of [`Probe`](crate::Probe)
/// does, and nothing else. `plugin-host probe` is one.
///
/// The file's constructors run, and those of the libraries that it needs; `#[init]` and the plugin's own constructors do not.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     // SAFETY: our hosts start this program, with files that they trust.
///     unsafe { plugin_host::answer_probe() }
/// }
/// ```
///
/// # Safety
///
/// The caller vouches for whatever file the program is started with: its code runs in this process.
///
/// # Platform-specific behaviour
///
/// On Unix. Elsewhere no file is loaded, so that each probe fails.
pub unsafe fn answer_probe() -> ExitCode {
    let loaded = OpenFile::standard_input()
        .map_err(|error| report(&error).to_string())
        .and_then(|file| Inspected::read_open(file).map_err(|error| report(&error).to_string()))
        .and_then(|inspected| {
            needed::settle(&inspected).map_err(|error| report(&error).to_string())?;
            // SAFETY: the caller vouches for the file.
            unsafe { Library::load(&inspected.file) }.map_err(|error| report(&error).to_string())
        });
    let said = match loaded {
        Ok(_stays) => io::stdout().lock().write_all(LOADED.as_bytes()),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(REFUSED);
        }
    };
    // Whoever asked has gone away, or hears it.
    let _ = said;
    ExitCode::SUCCESS
}
