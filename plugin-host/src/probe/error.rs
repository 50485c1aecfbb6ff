//! Why a probe did not load a file.
#![forbid(unsafe_code)]

use std::{error::Error, fmt, io, path::PathBuf, process::ExitStatus, time::Duration};

use plugin_core::compat::display_text;

/// Why a plugin was not loaded in a process of its own, and so not by the host.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProbeError {
    /// The helper program did not run.
    NotStarted {
        /// The program.
        program: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The process ended without having loaded the file: it crashed, was ended by the file's own code, or its loader refused.
    Ended {
        /// The plugin's file.
        path: PathBuf,
        /// By a signal, or with which code; 3 if its loader refused the file.
        status: ExitStatus,
        /// The end of what it wrote to its standard error.
        errors: String,
    },
    /// The file was not loaded in time; the process was ended.
    TimedOut {
        /// The plugin's file.
        path: PathBuf,
        /// How long it had.
        limit: Duration,
        /// The end of what it wrote to its standard error.
        errors: String,
    },
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = match self {
            Self::NotStarted { program, source: _ } => {
                return write!(f, "cannot probe plugins by {}", program.display());
            }
            Self::Ended { path, status, errors } => {
                write!(
                    f,
                    "{} does not load: a process of its own ended with {status} before it had",
                    path.display()
                )?;
                errors
            }
            Self::TimedOut { path, limit, errors } => {
                write!(
                    f,
                    "{} does not load: a process of its own was still at it after {limit:?}; a constructor hangs, or `Probe::within` is to say more",
                    path.display()
                )?;
                errors
            }
        };
        errors.lines().try_for_each(|line| write!(f, "\n  {}", display_text(line)))
    }
}

impl Error for ProbeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotStarted { program: _, source } => Some(source),
            Self::Ended { .. } | Self::TimedOut { .. } => None,
        }
    }
}
