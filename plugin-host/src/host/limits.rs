//! What a host allows of a plugin's file.
#![forbid(unsafe_code)]

use super::Host;
use crate::{file::MaxFileSize, probe::Probe, verify::Policy};

impl Host {
    /// This host with another limit on the size of a plugin's file, in bytes. The default is 256 MiB.
    ///
    /// It bounds what an open may cost: a host that trusts by digest or signature reads the whole file before it refuses it.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?.with_max_file_size(1 << 30);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_max_file_size(self, bytes: u64) -> Self {
        Self::new(Policy { max_file_size: MaxFileSize(bytes), ..Policy::clone(&self.policy) })
    }

    /// This host with a helper program that loads each file in a process of its own first, after it was verified and before
    /// this process does: a library that crashes or hangs while it is loaded is then an error, and not the end of the host.
    ///
    /// The helper loads the bytes that this host will: it is given the open file. What it shows is that the library's
    /// constructors and those of the libraries it needs come to an end, once, there. It does not run `#[init]` or make
    /// objects, and does not show what the plugin does when it is used, or when its constructors run for a second time,
    /// which they do. What they leave outside of their process they leave twice. This process is not forked: the helper
    /// is a program of its own, which takes some milliseconds for each plugin that the process has not loaded yet.
    ///
    /// # Platform-specific behaviour
    ///
    /// On Unix. Elsewhere every probe fails.
    #[must_use]
    pub fn probing_with(self, probe: Probe) -> Self {
        Self::new(Policy { probe: Some(probe), ..Policy::clone(&self.policy) })
    }

    /// This host with one more library that its plugins may need: `libsqlite3.so.0`, `sqlite3.dll`,
    /// `/opt/homebrew/lib/libsqlite3.dylib`; the name by which the plugin's file asks for it.
    ///
    /// A plugin that needs a library that is neither allowed nor part of the system is refused before anything is mapped:
    /// the loader would run that library's code, too. Part of the system are, with glibc, its own libraries and
    /// `libgcc_s.so.1`, which every plugin in Rust needs; elsewhere what the system brings in its own directories.
    ///
    /// What is allowed is a name: the system decides which file that is, so you vouch for the directories it searches. A
    /// plugin cannot direct the search (a run path of its own is refused), but whoever starts the process can by
    /// `LD_LIBRARY_PATH` (as `cargo run` does). Where that is set, an allowed library must be loaded already, as it is if
    /// the program itself needs it; parts of the C library are then taken from its own directory.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?.allowing_library("libsqlite3.so.0");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Platform-specific behaviour
    ///
    /// On Windows names are compared without regard to case. Of a library's own needs only the system's loader knows.
    #[must_use]
    pub fn allowing_library(self, name: impl Into<String>) -> Self {
        let mut policy = Policy::clone(&self.policy);
        policy.libraries.allow(name.into());
        Self::new(policy)
    }
}
