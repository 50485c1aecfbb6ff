//! Loads a file in a process of its own first, so that one that crashes or hangs while it is loaded is an error.

mod answer;
mod error;
mod process;

use std::{
    ffi::OsString,
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

pub use answer::answer_probe;
pub use error::ProbeError;

use crate::inspect::Inspected;

/// What the helper prints when it has loaded the file: a constructor that ends the process does not.
pub(crate) const LOADED: &str = "plugin-host: loaded\n";

/// How long a plugin may take to load in a probe, if the host does not say.
const LIMIT: Duration = Duration::from_secs(10);

/// A helper program that loads a plugin's file in a process of its own, before the host does.
///
/// ```no_run
/// use plugin_host::{Host, Probe};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # // SAFETY: an example that is not run.
/// let host = unsafe { Host::trusting_dir("plugins") }?.probing_with(Probe::new("/usr/lib/app/plugin-host").arg("probe"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Probe {
    program: PathBuf,
    arguments: Vec<OsString>,
    limit: Duration,
}

impl Probe {
    /// A program that calls [`answer_probe`](crate::answer_probe), as `plugin-host probe` does. It has ten seconds.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), arguments: Vec::new(), limit: LIMIT }
    }

    /// Gives the program an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Gives it another time.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Has the helper load the very file that the host would.
    pub(crate) fn load(&self, inspected: &Inspected) -> Result<(), ProbeError> {
        let failed = |source| ProbeError::NotStarted { program: self.program.clone(), source };
        let file: File = inspected.file.file().try_clone().map_err(failed)?;
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(file).stdout(Stdio::piped()).stderr(Stdio::piped());
        let ended = process::run(command, self.limit).map_err(failed)?;
        ended.judge(inspected.path(), self.limit)
    }
}

impl process::Ended {
    fn judge(self, path: &Path, limit: Duration) -> Result<(), ProbeError> {
        let (path, errors) = (path.to_path_buf(), self.errors);
        match self.status {
            None => Err(ProbeError::TimedOut { path, limit, errors }),
            Some(status) if status.success() && self.output.ends_with(LOADED) => Ok(()),
            Some(status) => Err(ProbeError::Ended { path, status, errors }),
        }
    }
}
