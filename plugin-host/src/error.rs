//! Why a plugin was not opened: one variant per cause.
#![forbid(unsafe_code)]

use std::{error::Error, ffi::OsString, fmt, io, path::PathBuf};

use plugin_core::{PluginPanic, compat::display_text};

use crate::{
    host::{DependencyFailed, RequirementCycle},
    inspect::InspectError,
    library::LoadError,
    lookup::LookupError,
    object_file::Hazard,
    opened::NameTaken,
    probe::ProbeError,
    refusal::Refusal,
    registry::CycleStep,
    requirements::UnmetRequirements,
    root::{RootError, ShutdownError},
    trust::{KeyError, ListError, TrustError},
};

/// Why [`Host::open`](crate::Host::open) did not open a plugin.
///
/// In the variants up to [`Load`](Self::Load), and in those about requirements, nothing of the file was mapped or executed.
#[non_exhaustive]
pub enum OpenError {
    /// An empty name.
    NoName,
    /// No plugin of the name is linked into this program, and no directory that the host searches has a file for it.
    NotFound {
        /// The name.
        name: String,
        /// Every file that would have been taken.
        searched: Vec<PathBuf>,
        /// The names that are linked into this program, as far as the host was told.
        linked: Vec<&'static str>,
    },
    /// A directory that the host searches cannot be listed.
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be read as a plugin.
    Inspect(InspectError),
    /// The file is not trusted.
    Untrusted(TrustError),
    /// The library asks something of the system's loader that no host grants.
    Hazard {
        /// The file.
        path: PathBuf,
        /// What it asks.
        hazard: Hazard,
    },
    /// The library needs another one that the host does not allow.
    NeededLibrary {
        /// The file.
        path: PathBuf,
        /// The library it needs, as it names it.
        needed: String,
        /// What this host allows beyond what belongs to the system.
        allowed: Vec<String>,
    },
    /// The library needs an allowed one that is not loaded yet, and a variable of the environment says where such are
    /// looked for: which file would be loaded is not up to this host. Found by an open, not by
    /// [`Host::verify`](crate::Host::verify).
    RedirectedLibrary {
        /// The file.
        path: PathBuf,
        /// The library it needs, as it names it.
        needed: String,
        /// The variable.
        variable: &'static str,
        /// Its value when the process began.
        value: OsString,
    },
    /// The build does not fit this host.
    Refused(Refusal),
    /// The file was verified by another host, or by this one before it was told to expect more or to trust another
    /// directory.
    AnotherHost {
        /// The file.
        path: PathBuf,
    },
    /// This host has another plugin of the name open. It opens both if it is told to:
    /// [`Host::side_by_side`](crate::Host::side_by_side).
    NameTaken(Box<NameTaken>),
    /// The file was not loaded in a process of its own, so that the host did not load it.
    Probe(ProbeError),
    /// The operating system did not load the file. Its constructors may have run.
    Load(LoadError),
    /// The loaded library does not have the root module that its descriptor names.
    NoRootModule {
        /// The file.
        path: PathBuf,
        /// The symbol.
        symbol: String,
    },
    /// What was loaded is not what was verified: the file was changed in between.
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The plugin's `#[init]` returned an error.
    Init {
        /// The plugin.
        plugin: String,
        /// Its words.
        message: String,
    },
    /// A constructor returned an error.
    Constructor {
        /// The plugin.
        plugin: String,
        /// The interface that it should have made.
        interface: String,
        /// Its words.
        message: String,
    },
    /// The plugin panicked while it started.
    Panicked {
        /// The plugin.
        plugin: String,
        /// In which step: `#[init]`, or the constructor of an interface.
        step: String,
        /// The panic.
        source: PluginPanic,
    },
    /// The plugin is open, but gives no object: it was shut down.
    Root(RootError),
    /// The plugin requires interfaces that neither the host nor its open plugins provide. It was not mapped.
    Unmet(Box<UnmetRequirements>),
    /// The only plugins that would provide what it requires failed. It was not mapped.
    Dependency(Box<DependencyFailed>),
    /// It requires something of a plugin that requires something of it. None of them was mapped.
    RequirementCycle(Box<RequirementCycle>),
    /// A plugin was opened by its own start, or by that of another one which it waits for.
    Cycle {
        /// Each starts, and for that opens the next; the last one opens the first.
        cycle: Vec<CycleStep>,
    },
}

impl OpenError {
    /// Whether anything of the file may have been executed.
    pub(crate) fn was_executed(&self) -> bool {
        matches!(
            self,
            Self::Load(_)
                | Self::NoRootModule { .. }
                | Self::Changed { .. }
                | Self::Init { .. }
                | Self::Constructor { .. }
                | Self::Panicked { .. }
        )
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoName => write!(f, "expected the name or the path of a plugin, found an empty one"),
            Self::NotFound { name, searched, linked } => {
                match linked.as_slice() {
                    [] => write!(f, "no plugin `{name}` where this host looks; searched")?,
                    linked => {
                        write!(f, "no plugin `{name}`; linked into this program: {}", linked.join(", "))?;
                        write!(f, "{}", if searched.is_empty() { "" } else { "; searched" })?;
                    }
                }
                searched.iter().try_for_each(|path| write!(f, "\n  {}", path.display()))?;
                if !linked.is_empty() {
                    write!(f, "\n  help: name the plugin's crate in `link!`")?;
                }
                if !searched.is_empty() || linked.is_empty() {
                    write!(
                        f,
                        "\n  help: build the plugin first; its crate needs `crate-type = [\"cdylib\", \"rlib\"]`"
                    )?;
                }
                Ok(())
            }
            Self::Directory { path, source: _ } => write!(f, "cannot list {}", path.display()),
            Self::Inspect(error) => error.fmt(f),
            Self::Untrusted(error) => error.fmt(f),
            Self::Hazard { path, hazard } => write!(f, "{} {hazard}", path.display()),
            Self::NeededLibrary { path, needed, allowed } => {
                let needed = display_text(needed);
                write!(
                    f,
                    "{} needs the library {needed}: expected one that belongs to the system",
                    path.display()
                )?;
                allowed.iter().try_for_each(|name| write!(f, ", or {}", display_text(name)))?;
                write!(
                    f,
                    "; link it statically into the plugin, or allow it by `Host::allowing_library(\"{needed}\")`"
                )
            }
            Self::RedirectedLibrary { path, needed, variable, value } => write!(
                f,
                "{} needs the library {}, which is not loaded yet, and would be looked for in {variable}={}; start the program without {variable}, or load the library before its plugins",
                path.display(),
                display_text(needed),
                display_text(&value.to_string_lossy())
            ),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::AnotherHost { path } => write!(
                f,
                "{} was verified by another host, which may ask for less; verify it with the host that loads it",
                path.display()
            ),
            Self::NameTaken(taken) => taken.fmt(f),
            Self::Probe(error) => error.fmt(f),
            Self::Load(error) => error.fmt(f),
            Self::NoRootModule { path, symbol } => write!(
                f,
                "{} does not export its root module: expected the symbol `{}`, found none; do not hide it by a version script",
                path.display(),
                display_text(symbol)
            ),
            Self::Changed { path } => write!(
                f,
                "what was loaded from {} is not what was verified: the file was changed in place; replace plugins by renaming a new file over the old",
                path.display()
            ),
            Self::Init { plugin, message } => write!(f, "plugin {plugin} did not start: {message}"),
            Self::Constructor { plugin, interface, message } => {
                write!(f, "plugin {plugin} did not make its `{interface}`: {message}")
            }
            Self::Panicked { plugin, step, source: _ } => {
                write!(f, "plugin {plugin} panicked in {step}")
            }
            Self::Root(error) => error.fmt(f),
            Self::Unmet(unmet) => unmet.fmt(f),
            Self::Dependency(failed) => failed.fmt(f),
            Self::RequirementCycle(cycle) => cycle.fmt(f),
            Self::Cycle { cycle } => {
                for (index, CycleStep { plugin, path }) in cycle.iter().enumerate() {
                    let opens = match index {
                        0 => "",
                        1 => " opens ",
                        _ => ", which opens ",
                    };
                    write!(f, "{opens}{plugin} ({})", path.display())?;
                }
                let first = cycle.first().map_or("itself", |step| &step.plugin);
                let opens = if cycle.len() > 1 { ", which opens" } else { " opens" };
                write!(
                    f,
                    "{opens} {first}: a plugin cannot be opened while it starts; open it after `#[init]` and the constructors"
                )
            }
        }
    }
}

impl Error for OpenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Directory { path: _, source } => Some(source),
            Self::Inspect(error) => error.source(),
            Self::Untrusted(error) => error.source(),
            Self::Probe(error) => error.source(),
            Self::Load(error) => error.source(),
            Self::Panicked { plugin: _, step: _, source } => Some(source),
            Self::Root(error) => error.source(),
            Self::Dependency(failed) => Some(&*failed.cause),
            Self::NoName
            | Self::NotFound { .. }
            | Self::AnotherHost { .. }
            | Self::Hazard { .. }
            | Self::NeededLibrary { .. }
            | Self::RedirectedLibrary { .. }
            | Self::Refused(_)
            | Self::NameTaken(_)
            | Self::NoRootModule { .. }
            | Self::Changed { .. }
            | Self::Init { .. }
            | Self::Constructor { .. }
            | Self::Unmet(_)
            | Self::RequirementCycle(_)
            | Self::Cycle { .. } => None,
        }
    }
}

impl From<InspectError> for OpenError {
    fn from(error: InspectError) -> Self {
        Self::Inspect(error)
    }
}

impl From<TrustError> for OpenError {
    fn from(error: TrustError) -> Self {
        Self::Untrusted(error)
    }
}

impl From<RootError> for OpenError {
    fn from(error: RootError) -> Self {
        match error {
            RootError::Refused(refusal) => Self::Refused(refusal),
            other => Self::Root(other),
        }
    }
}

impl From<ProbeError> for OpenError {
    fn from(error: ProbeError) -> Self {
        Self::Probe(error)
    }
}

impl From<LoadError> for OpenError {
    fn from(error: LoadError) -> Self {
        Self::Load(error)
    }
}

/// An error and everything behind it: its text, and each cause on a line of its own.
///
/// ```
/// let error = plugin_host::Inspected::read("/no/such/file").unwrap_err();
/// assert_eq!(plugin_host::report(&error).to_string(), "no file at /no/such/file");
/// ```
pub fn report(error: &dyn Error) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        write!(f, "{error}")?;
        let mut cause = error.source();
        while let Some(error) = cause {
            write!(f, "\n  because: {error}")?;
            cause = error.source();
        }
        Ok(())
    })
}

/// `Debug` as the report that `main` prints of an error it returns.
macro_rules! debug_is_the_report {
    ($($error:ty),+ $(,)?) => {$(
        impl fmt::Debug for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", report(self))
            }
        }
    )+};
}

debug_is_the_report!(
    OpenError,
    TrustError,
    ListError,
    KeyError,
    RootError,
    ShutdownError,
    InspectError,
    LookupError
);
