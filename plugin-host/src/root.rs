//! The typed root module: a plugin's shared object behind an interface.

use std::{error::Error, fmt, mem::ManuallyDrop, ops::Deref};

use plugin_core::{Instance, Interface, PluginPanic};

use crate::{
    holders::{Holder, List},
    plugin::Plugin,
    refusal::Refusal,
};

/// A plugin's one shared object of the interface `I`; it dereferences to a real `impl` of the trait.
///
/// A handle: cheap to clone, and valid until the process ends. The plugin is not [shut down](Plugin::shutdown) while there is
/// one. It stays with its generation when the plugin is reloaded; a [`Slot`](crate::Slot) goes over to the next. As a `&dyn Trait` it is `&*root`. It is shared, so methods
/// with `&mut self` need an object of the caller's own: [`Plugin::instantiate`].
pub struct Root<I: ?Sized> {
    /// Not dropped: the object is the plugin's.
    instance: ManuallyDrop<Instance<I>>,
    plugin: Plugin,
    /// Its place among those that the plugin provides.
    provided: usize,
}

impl<I: ?Sized + Interface> Root<I> {
    pub(crate) fn new(instance: Instance<I>, plugin: Plugin, provided: usize) -> Self {
        if let Some(tally) = plugin.loaded().tallies.roots.get(provided) {
            tally.out();
        }
        Self { instance: ManuallyDrop::new(instance), plugin, provided }
    }

    /// The plugin that the object is from.
    #[must_use]
    pub fn plugin(&self) -> &Plugin {
        &self.plugin
    }
}

impl<I: ?Sized + Interface> Deref for Root<I> {
    type Target = Instance<I>;

    #[inline(always)]
    fn deref(&self) -> &Instance<I> {
        &self.instance
    }
}

impl<I: ?Sized + Interface + Send + Sync> Clone for Root<I> {
    fn clone(&self) -> Self {
        // SAFETY: one more handle on an object that no handle drops, of an interface that may be shared.
        let instance = unsafe { Instance::from_raw(Instance::as_raw(&self.instance)) };
        Self::new(instance, self.plugin.clone(), self.provided)
    }
}

impl<I: ?Sized> Drop for Root<I> {
    fn drop(&mut self) {
        if let Some(tally) = self.plugin.loaded().tallies.roots.get(self.provided) {
            tally.back();
        }
        self.plugin.let_go();
    }
}

impl<I: ?Sized + Interface> fmt::Debug for Root<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root({} of {})", I::INTERFACE.id, self.plugin)
    }
}

/// Why a loaded plugin gave no object.
#[non_exhaustive]
pub enum RootError {
    /// It does not provide the interface, or not in a form that fits.
    Refused(Refusal),
    /// The constructor returned an error.
    Constructor {
        /// The plugin.
        plugin: String,
        /// The interface.
        interface: &'static str,
        /// Its words.
        message: String,
    },
    /// The constructor panicked.
    Panicked {
        /// The plugin.
        plugin: String,
        /// The interface.
        interface: &'static str,
        /// The panic.
        source: PluginPanic,
    },
    /// The plugin was shut down, or is about to be.
    ShutDown {
        /// The plugin.
        plugin: String,
    },
    /// The host has gone over to a newer generation of the plugin.
    Replaced {
        /// The plugin.
        plugin: String,
        /// The generation of the handle.
        generation: u32,
    },
}

impl fmt::Display for RootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(
                f,
                "{refusal}\n  help: the plugin is loaded already; `Host::expecting` and `Host::open_root` refuse it before that"
            ),
            Self::Constructor { plugin, interface, message } => {
                write!(f, "plugin {plugin} did not make its `{interface}`: {message}")
            }
            Self::Panicked { plugin, interface, source: _ } => {
                write!(f, "plugin {plugin} panicked in the constructor of `{interface}`")
            }
            Self::ShutDown { plugin } => {
                write!(f, "plugin {plugin} is shut down: it gives no more objects")
            }
            Self::Replaced { plugin, generation } => write!(
                f,
                "generation {generation} of plugin {plugin} was replaced: it gives no more objects; use the handle that the reload returned, or a slot"
            ),
        }
    }
}

impl Error for RootError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Panicked { plugin: _, interface: _, source } => Some(source),
            Self::Refused(_) | Self::Constructor { .. } | Self::ShutDown { .. } | Self::Replaced { .. } => {
                None
            }
        }
    }
}

/// Why a plugin did not shut down.
#[non_exhaustive]
pub enum ShutdownError {
    /// Somebody has something of it, so nothing was stopped: it is as usable as before, and can be shut down later.
    Held {
        /// The plugin.
        plugin: String,
        /// Who has what.
        holders: Vec<Holder>,
    },
    /// It was stopped, and some of its threads go on. A later shutdown waits for them again.
    ThreadsRun {
        /// The plugin.
        plugin: String,
        /// The threads.
        threads: Vec<Holder>,
    },
    /// It is being shut down by somebody else: another thread, or a caller of this one.
    UnderWay {
        /// The plugin.
        plugin: String,
    },
    /// `#[shutdown]` returned an error, or the plugin's runtime cannot be stopped.
    Failed {
        /// The plugin.
        plugin: String,
        /// Its words.
        message: String,
    },
    /// `#[shutdown]` panicked.
    Panicked {
        /// The plugin.
        plugin: String,
        /// The panic.
        source: PluginPanic,
    },
    /// It was shut down before: `#[shutdown]` runs once.
    Twice {
        /// The plugin.
        plugin: String,
    },
}

impl fmt::Display for ShutdownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held { plugin, holders } => write!(
                f,
                "plugin {plugin} is held by {}: nothing was stopped; drop what is held, or wait longer",
                List(holders)
            ),
            Self::ThreadsRun { plugin, threads } => write!(
                f,
                "plugin {plugin} is shut down, but it still has {}: have each end when it is told to stop, or wait longer",
                List(threads)
            ),
            Self::UnderWay { plugin } => {
                write!(f, "plugin {plugin} is being shut down already: wait for that, or ask again later")
            }
            Self::Failed { plugin, message } => write!(f, "plugin {plugin} did not shut down: {message}"),
            Self::Panicked { plugin, source: _ } => write!(f, "plugin {plugin} panicked in #[shutdown]"),
            Self::Twice { plugin } => write!(f, "plugin {plugin} was shut down before"),
        }
    }
}

impl Error for ShutdownError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Panicked { plugin: _, source } => Some(source),
            Self::Held { .. }
            | Self::ThreadsRun { .. }
            | Self::UnderWay { .. }
            | Self::Failed { .. }
            | Self::Twice { .. } => None,
        }
    }
}
