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

use plugin_core::RootModule;

use crate::{decode, error::OpenError, inspect::name_and_version, loaded::Loaded, start, subject::Place};
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

impl CycleStep {
    /// A plugin that is being started.
    pub(crate) fn of(root: &RootModule) -> Self {
        let unknown = || "a plugin".to_owned();
        Self {
            plugin: decode::head(root.descriptor())
                .map_or_else(|_| unknown(), |head| name_and_version(&head)),
            path: root.context().map(|context| context.path().to_owned()).unwrap_or_default(),
        }
    }
}

/// What a thread is opening.
#[derive(Clone)]
struct Step {
    shown: CycleStep,
    /// Known once the library is loaded.
    root: Option<&'static RootModule>,
}

/// An attempt to open a plugin.
pub(crate) struct Opening(openings::Opening<'static, Key, &'static Loaded, Step>);

/// Begins to open a plugin in this thread.
pub(crate) fn begin(plugin: String, path: PathBuf) -> Opening {
    static OPENINGS: LazyLock<Openings<Key, &'static Loaded, Step>> = LazyLock::new(Openings::new);
    Opening(OPENINGS.begin(Step { shown: CycleStep { plugin, path }, root: None }))
}

impl Opening {
    /// Returns what is open, or gives the caller the turn to open it, after whoever has it now.
    pub(crate) fn claim(&mut self, key: Key) -> Result<Turn<&'static Loaded>, OpenError> {
        let mut opens = None;
        let across_copies = |outer: Option<&Step>, awaited: &Step, cycle: Option<Cycle<Step>>| {
            let Some(root) = awaited.root else {
                return cycle;
            };
            let seen =
                start::waiting_for(root, outer.and_then(|outer| outer.root), cycle.is_some(), &mut opens);
            let seen =
                seen.map(|seen| Cycle(seen.into_iter().map(|shown| Step { shown, root: None }).collect()));
            seen.or(cycle)
        };
        self.0.claim(key, across_copies).map_err(|Cycle(cycle)| OpenError::Cycle {
            cycle: cycle.into_iter().map(|step| step.shown).collect(),
        })
    }

    /// Something that is claimed is open from now on, for everybody.
    pub(crate) fn opened(&self, key: Key, loaded: &'static Loaded) {
        self.0.opened(key, loaded);
    }

    /// The library is loaded.
    pub(crate) fn found(&self, root: &'static RootModule) {
        self.0.amend(|step| step.root = Some(root));
    }

    /// The plugin whose start led to this opening, as far as this copy knows.
    pub(crate) fn outer(&self) -> Option<&'static RootModule> {
        self.0.outer_step()?.root
    }
}

#[cfg(test)]
mod tests;
