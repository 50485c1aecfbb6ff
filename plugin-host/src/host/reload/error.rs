//! Why a plugin was not reloaded: one variant per cause.
#![forbid(unsafe_code)]

use std::{error::Error, fmt, path::PathBuf, time::Duration};

use plugin_core::PluginPanic;

use crate::{
    error::{OpenError, report},
    refusal::{Refusal, write_mismatches},
};

/// Why [`Host::reload`](crate::Host::reload) left the old generation in its place.
///
/// The reload mapped and executed nothing of the new file in the variants up to [`State`](Self::State), in
/// [`Open`](Self::Open) as [`OpenError`] says. In those after it the new generation was started, and is stopped again.
#[non_exhaustive]
pub enum ReloadError {
    /// The file is the one that is loaded.
    Unchanged {
        /// The plugin.
        plugin: String,
        /// Its file.
        path: PathBuf,
    },
    /// The plugin is linked into this program.
    Linked {
        /// The plugin.
        plugin: String,
    },
    /// The plugin is not open in this host, or was shut down there, or is an older generation than the current one.
    NotCurrent {
        /// The plugin.
        plugin: String,
        /// The generation of the handle.
        generation: u32,
    },
    /// The file is another plugin.
    AnotherPlugin {
        /// The file.
        path: PathBuf,
        /// The plugin's name.
        expected: String,
        /// Name and version of what is there.
        found: String,
    },
    /// The new file does not pass the host's checks, was not loaded, or did not start.
    Open(OpenError),
    /// The old generation saves a state, and the new one has no `#[restore]`.
    StateLost {
        /// The plugin.
        plugin: String,
        /// What does not restore.
        by: String,
        /// Its file.
        path: PathBuf,
    },
    /// The new file was opened before, by another host, where it started without the state that the old generation saves.
    StartedElsewhere {
        /// The old generation.
        plugin: String,
        /// What was started.
        by: String,
        /// Its file.
        path: PathBuf,
    },
    /// This host has the new file open already, [side by side](crate::Host::side_by_side) with the old one: it has slots of its own,
    /// which would be left behind by the next reload.
    OpenBeside {
        /// The old generation.
        plugin: String,
        /// What is open.
        by: String,
        /// Its file.
        path: PathBuf,
    },
    /// The new generation restores another state than the old one saves.
    State(Refusal),
    /// Calls that were to be waited for did not return in time.
    Busy {
        /// The plugin.
        plugin: String,
        /// How long they were waited for.
        waited: Duration,
    },
    /// The old generation's `#[save]` returned an error.
    Save {
        /// The old generation.
        plugin: String,
        /// Its words.
        message: String,
    },
    /// The new generation's `#[restore]` returned an error.
    Restore {
        /// The plugin.
        plugin: String,
        /// Its words.
        message: String,
    },
    /// One of the two panicked.
    Panicked {
        /// The plugin.
        plugin: String,
        /// `#[save]` or `#[restore]`.
        step: &'static str,
        /// The panic.
        source: PluginPanic,
    },
}

impl ReloadError {
    /// Whether anything of the new file may have been executed.
    pub(super) fn was_executed(&self) -> bool {
        match self {
            Self::Unchanged { .. }
            | Self::Linked { .. }
            | Self::NotCurrent { .. }
            | Self::AnotherPlugin { .. }
            | Self::StateLost { .. }
            | Self::StartedElsewhere { .. }
            | Self::OpenBeside { .. }
            | Self::State(_) => false,
            Self::Busy { .. } | Self::Save { .. } | Self::Restore { .. } | Self::Panicked { .. } => true,
            Self::Open(error) => error.was_executed(),
        }
    }
}

impl fmt::Display for ReloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unchanged { plugin, path } => write!(
                f,
                "plugin {plugin} is not reloaded: {} is the file that it was loaded from, expected another one; replace plugins by renaming a new file over the old",
                path.display()
            ),
            Self::Linked { plugin } => write!(
                f,
                "plugin {plugin} is linked into this program: expected one that was loaded from a file of its own; build the program anew, or open the plugin from a file in a host where it is not linked"
            ),
            Self::NotCurrent { plugin, generation } => write!(
                f,
                "generation {generation} of plugin {plugin} is not reloaded: expected one that is open in this host and was not replaced or shut down; use the handle that the last reload returned"
            ),
            Self::AnotherPlugin { path, expected, found } => write!(
                f,
                "{} is another plugin: expected {expected}, found {found}; open it under a path of its own",
                path.display()
            ),
            Self::Open(error) => error.fmt(f),
            Self::StateLost { plugin, by, path } => write!(
                f,
                "plugin {plugin} saves a state that would be lost: expected a `#[restore]` in {by} in {}, found none; add one, or reload by `Reload::losing_state`",
                path.display()
            ),
            Self::StartedElsewhere { plugin, by, path } => write!(
                f,
                "plugin {plugin} saves a state that would be lost: expected a file that nobody has opened, found {by} in {}, which another host started without the state; rename a copy of the file over it and reload, or join it as it is by `Reload::losing_state`",
                path.display()
            ),
            Self::OpenBeside { plugin, by, path } => write!(
                f,
                "plugin {plugin} is not reloaded: expected a file that is not open in this host, found {} open side by side as {by}; rename a copy of the file over it, or go on with what is open",
                path.display()
            ),
            Self::State(refusal) => {
                write!(
                    f,
                    "plugin {} in {} does not restore what the loaded one saves",
                    refusal.plugin,
                    refusal.path.display()
                )?;
                write_mismatches(f, refusal.mismatches())
            }
            Self::Busy { plugin, waited } => write!(
                f,
                "plugin {plugin} is not reloaded: calls by its slots still run after {waited:?}, or guards of them are kept; drop each guard after its call, or allow more time"
            ),
            Self::Save { plugin, message } => write!(f, "plugin {plugin} did not save its state: {message}"),
            Self::Restore { plugin, message } => {
                write!(f, "plugin {plugin} did not restore the state: {message}")
            }
            Self::Panicked { plugin, step, source: _ } => write!(f, "plugin {plugin} panicked in {step}"),
        }
    }
}

impl fmt::Debug for ReloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", report(self))
    }
}

impl Error for ReloadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Open(error) => error.source(),
            Self::Panicked { plugin: _, step: _, source } => Some(source),
            Self::Unchanged { .. }
            | Self::Linked { .. }
            | Self::NotCurrent { .. }
            | Self::AnotherPlugin { .. }
            | Self::StateLost { .. }
            | Self::StartedElsewhere { .. }
            | Self::OpenBeside { .. }
            | Self::State(_)
            | Self::Busy { .. }
            | Self::Save { .. }
            | Self::Restore { .. } => None,
        }
    }
}

impl From<OpenError> for ReloadError {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}
