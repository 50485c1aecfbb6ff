//! What came of opening many plugins, as values.
#![forbid(unsafe_code)]

use std::{collections::HashSet, error::Error, fmt, path::PathBuf, sync::Arc};

use crate::{
    error::{OpenError, report},
    plugin::Plugin,
};

/// What came of [`Host::load_all`](crate::Host::load_all).
#[derive(Debug)]
#[non_exhaustive]
#[must_use = "it says which plugins failed"]
pub struct LoadReport {
    /// The plugins that are open, in the order in which they started.
    pub opened: Vec<Plugin>,
    /// Those that are not, by path: each with its reason.
    pub failures: Vec<LoadFailure>,
}

/// A plugin that was not opened, and why.
#[derive(Clone)]
#[non_exhaustive]
pub struct LoadFailure {
    /// Name and version; empty if the file could not be read as a plugin.
    pub plugin: String,
    /// The file, or what was asked for where there is none.
    pub path: PathBuf,
    /// The reason: shared, because it is also the cause of the failure of those that require the plugin.
    pub error: Arc<OpenError>,
}

impl LoadReport {
    /// The plugins, if all are open.
    ///
    /// # Errors
    ///
    /// The whole report, if any failed. Those that are open stay open.
    pub fn into_result(self) -> Result<Vec<Plugin>, Self> {
        if self.failures.is_empty() { Ok(self.opened) } else { Err(self) }
    }
}

/// Every failure once, each with its causes, but for those of other plugins, which stand for themselves.
impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plugins opened: {}, failed: {}", self.opened.len(), self.failures.len())?;
        let mut said = HashSet::new();
        for LoadFailure { plugin: _, path: _, error } in &self.failures {
            let text = match &**error {
                OpenError::Dependency(failed) => failed.to_string(),
                error => report(error).to_string(),
            };
            // All plugins of a cycle fail for one reason.
            if !said.contains(&text) {
                write!(f, "\n{text}")?;
                said.insert(text);
            }
        }
        Ok(())
    }
}

impl Error for LoadReport {}

/// The error and all behind it.
impl fmt::Display for LoadFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", report(&*self.error))
    }
}

impl fmt::Debug for LoadFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A plugin that was not loaded because the only plugins that would provide what it requires failed.
#[derive(Debug)]
#[non_exhaustive]
pub struct DependencyFailed {
    /// Name and version of the plugin.
    pub plugin: String,
    /// The file.
    pub path: PathBuf,
    /// The interface that it requires.
    pub interface: String,
    /// Name and version of the plugin that would have provided it; the first of several.
    pub provider: String,
    /// Why that one failed, perhaps because of others.
    pub cause: Arc<OpenError>,
}

impl fmt::Display for DependencyFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plugin, path, interface, provider, cause: _ } = self;
        write!(
            f,
            "plugin {plugin} in {} is not loaded: it requires {interface} of {provider}, which failed",
            path.display()
        )
    }
}

/// Plugins that require each other in a circle, so that none can start first.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequirementCycle {
    /// Each requires something of the next, and the last of the first. It begins with the one whose name comes first.
    pub steps: Vec<RequirementStep>,
}

/// A plugin in a [`RequirementCycle`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequirementStep {
    /// Name and version.
    pub plugin: String,
    /// The file.
    pub path: PathBuf,
    /// The interface that it requires of the next.
    pub interface: String,
}

impl fmt::Display for RequirementCycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plugins require each other in a circle, so that none can start first:")?;
        let following = self.steps.iter().cycle().skip(1);
        for (RequirementStep { plugin, path, interface }, next) in self.steps.iter().zip(following) {
            write!(f, "\n  {plugin} in {} requires {interface} of {}", path.display(), next.plugin)?;
        }
        write!(
            f,
            "\n  help: let one of them require the interface as `optional`, or provide it from the host by `Host::providing`"
        )
    }
}
