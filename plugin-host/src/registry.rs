//! What is open in this process, and who opens what.
//!
//! One for all hosts of the program, because the system loads a file once: its statics, its `#[init]` and its objects exist
//! once, whichever host opened it, and hosts have to wait for each other. What a host has open is its own affair:
//! [`opened`](crate::opened). A plugin that links a copy of this crate has a registry of its own; what both have to agree on
//! is in the root module.
#![forbid(unsafe_code)]

mod openings;
mod sync;

use std::{path::PathBuf, sync::LazyLock};

use crate::{error::OpenError, loaded::Loaded, subject::Place};
use openings::{Cycle, Openings};

pub(crate) use openings::Turn;

/// What two openers may not do at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// Load a file, or start what is linked into this program.
    Place(Place),
    /// Start the plugin whose root module is at an address: one library, whatever its files are called.
    Root(usize),
    /// Open a plugin of a name in one host. This and the next are never open themselves: the host knows what it has open.
    Name {
        /// The address of what the host has open.
        host: usize,
        /// The plugin's name.
        name: String,
    },
    /// Get the first handle on a library for one host.
    Handle {
        /// As above.
        host: usize,
        /// The address of the library's root module.
        root: usize,
    },
}

/// A plugin that is being opened, as a cycle names it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CycleStep {
    /// Name and version.
    pub plugin: String,
    /// The file.
    pub path: PathBuf,
}

/// An attempt to open a plugin.
pub(crate) type Opening = openings::Opening<'static, Key, &'static Loaded, CycleStep>;

/// Begins to open a plugin in this thread.
pub(crate) fn begin(plugin: String, path: PathBuf) -> Opening {
    static OPENINGS: LazyLock<Openings<Key, &'static Loaded, CycleStep>> = LazyLock::new(Openings::new);
    OPENINGS.begin(CycleStep { plugin, path })
}

impl From<Cycle<CycleStep>> for OpenError {
    fn from(Cycle(cycle): Cycle<CycleStep>) -> Self {
        Self::Cycle { cycle }
    }
}
