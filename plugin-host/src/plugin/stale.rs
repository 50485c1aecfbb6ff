//! Whether a plugin's file is still the one that was loaded.
#![forbid(unsafe_code)]

use std::{fmt, io};

use super::Plugin;
use crate::{file::FileIdentity, subject::Place};

/// How a plugin's file came to be another one than was loaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum Stale {
    /// Nothing is there any more.
    Removed,
    /// Another file is there, as after an update by renaming.
    Replaced,
    /// The file itself was written to, or its time of modification was set. A plugin that is mapped from it may not be
    /// what was verified any more.
    Rewritten,
    /// The system does not say what is there.
    Unknown {
        /// Its reason.
        source: io::Error,
    },
}

impl Plugin {
    /// Whether the file at [`path`](Self::path) is another one than was loaded, and how that came; `None` if it is the same.
    ///
    /// It is the same if device, inode, length and time of modification are. The plugin itself goes on in any case: the
    /// system keeps what it has mapped. What is linked into this program has no file that could be another one. A link that led to the file may lead elsewhere now: that is not asked.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let plugin = host.open("lz4")?;
    /// if let Some(stale) = plugin.is_stale() {
    ///     println!("{plugin}: {stale}"); // lz4 1.0.0: the file was replaced since it was loaded
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Platform-specific behaviour
    ///
    /// On other systems than Unix a file that was replaced shows as one that was written to.
    #[must_use]
    pub fn is_stale(&self) -> Option<Stale> {
        let Place::File(loaded) = self.loaded().place else {
            return None;
        };
        match FileIdentity::at(self.path()) {
            Ok(found) if found == loaded => None,
            Ok(found) if found.is_at_the_place_of(&loaded) => Some(Stale::Rewritten),
            Ok(_) => Some(Stale::Replaced),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Stale::Removed),
            Err(source) => Some(Stale::Unknown { source }),
        }
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Removed => write!(f, "the file was removed since it was loaded"),
            Self::Replaced => write!(f, "the file was replaced since it was loaded"),
            Self::Rewritten => write!(f, "the file was written to since it was loaded"),
            Self::Unknown { source } => write!(f, "cannot examine the file: {source}"),
        }
    }
}
