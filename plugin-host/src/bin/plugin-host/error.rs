//! Why nothing could be said about a file.

use std::{error::Error, fmt, io, path::PathBuf};

use plugin_core::descriptor::DecodeError;
use plugin_host::InspectError;

#[derive(Debug)]
pub(crate) enum CliError {
    Inspect(InspectError),
    Descriptor { path: PathBuf, source: DecodeError },
    Excessive { path: PathBuf, limit: usize },
    Json(serde_json::Error),
    Output(io::Error),
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inspect(error) => error.fmt(f),
            Self::Descriptor { path, source: _ } => {
                write!(f, "the plugin descriptor in {} cannot be read", path.display())
            }
            Self::Excessive { path, limit } => write!(
                f,
                "the plugin descriptor in {} repeats its parts so often that the text would exceed {limit} characters; no macro of plugin-core writes such a one",
                path.display()
            ),
            Self::Json(_) => write!(f, "cannot write JSON"),
            Self::Output(_) => write!(f, "cannot write to the standard output"),
        }
    }
}

impl Error for CliError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Inspect(error) => error.source(),
            Self::Descriptor { path: _, source } => Some(source),
            Self::Excessive { path: _, limit: _ } => None,
            Self::Json(source) => Some(source),
            Self::Output(source) => Some(source),
        }
    }
}

impl From<InspectError> for CliError {
    fn from(error: InspectError) -> Self {
        Self::Inspect(error)
    }
}
