//! Who provides what a plugin requires, and what is said if nobody does.
#![forbid(unsafe_code)]

use std::{
    cmp::Reverse,
    fmt,
    path::{Path, PathBuf},
};

use plugin_core::{
    compat::{self, Mismatch, Offer, display_interface, display_text, display_versions},
    descriptor::{Descriptor, InterfaceEntry},
};
use semver::Version;

/// Somebody who may provide something: the host itself, or a plugin.
#[derive(Clone, Copy)]
pub(crate) struct Provider<'p> {
    /// Name and version, or `the host`.
    pub(crate) name: &'p str,
    /// The file; the host has none.
    pub(crate) path: Option<&'p Path>,
    pub(crate) descriptor: &'p Descriptor<'p>,
}

/// A provided interface that meets a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match {
    /// The provider, by its place among those that were asked.
    pub(crate) provider: usize,
    /// The interface, by its place among those that it provides.
    pub(crate) interface: usize,
}

/// Everybody who provides what is required, best first: the host, then whoever has the highest version of the interface,
/// then by name and path. With them, everybody who provides it in a version or form that will not do.
pub(crate) fn candidates(
    requirer: (&Descriptor<'_>, &InterfaceEntry<'_>),
    providers: &[Provider<'_>],
) -> (Vec<Match>, Vec<OtherProvider>) {
    let (mut fitting, mut others) = (Vec::new(), Vec::new());
    for (place, provider) in providers.iter().enumerate() {
        for (interface, entry) in provider.descriptor.provides().enumerate() {
            let mismatches = match compat::offer(requirer, (provider.descriptor, entry)) {
                Offer::Another => continue,
                Offer::Fits => {
                    let rank = (
                        provider.path.is_some(),
                        Reverse(Version::parse(entry.version).ok()),
                        provider.name,
                        provider.path,
                    );
                    fitting.push((rank, Match { provider: place, interface }));
                    continue;
                }
                Offer::OtherVersion => Vec::new(),
                Offer::OtherForm(mismatches) => mismatches,
            };
            others.push(OtherProvider {
                provider: provider.name.to_owned(),
                path: provider.path.map(Path::to_owned),
                version: entry.version.to_owned(),
                mismatches,
            });
        }
    }
    fitting.sort_by(|(one, _), (other, _)| one.cmp(other));
    others.sort_by(|one, other| (&one.provider, &one.path).cmp(&(&other.provider, &other.path)));
    (fitting.into_iter().map(|(_, found)| found).collect(), others)
}

/// A plugin whose requirements are not met, and each of these.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnmetRequirements {
    /// Name and version of the plugin.
    pub plugin: String,
    /// The file.
    pub path: PathBuf,
    /// Every requirement that is not met, never empty.
    pub unmet: Vec<Unmet>,
}

/// An interface that a plugin requires and does not get.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unmet {
    /// The interface: crate and trait.
    pub interface: String,
    /// The versions that will do: `^1.2`, or `one compatible with 1.2.0`.
    pub versions: String,
    /// Who provides it in a version or form that will not do.
    pub found: Vec<OtherProvider>,
}

/// Somebody who provides a required interface, but not so that it will do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherProvider {
    /// Name and version of the plugin, or `the host`.
    pub provider: String,
    /// Its file; the host has none.
    pub path: Option<PathBuf>,
    /// The version of the interface that it provides.
    pub version: String,
    /// In what its form differs from the one that is required; empty if the version will not do.
    pub mismatches: Vec<Mismatch>,
}

impl UnmetRequirements {
    pub(crate) fn new(plugin: &str, path: &Path, unmet: Vec<Unmet>) -> Self {
        Self { plugin: plugin.to_owned(), path: path.to_owned(), unmet }
    }
}

impl Unmet {
    pub(crate) fn new(requirer: (&Descriptor<'_>, &InterfaceEntry<'_>), found: Vec<OtherProvider>) -> Self {
        let (descriptor, entry) = requirer;
        Self {
            interface: display_interface(descriptor, entry).to_string(),
            versions: display_versions(entry).to_string(),
            found,
        }
    }
}

impl fmt::Display for UnmetRequirements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plugin, path, unmet } = self;
        write!(f, "plugin {plugin} in {} lacks what it requires", path.display())?;
        unmet.iter().try_for_each(|unmet| write!(f, "\n  {unmet}"))?;
        write!(
            f,
            "\n  help: open a plugin that provides it first, or both by `Host::load_all`, or provide an object of the host by `Host::providing`"
        )
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { interface, versions, found } = self;
        write!(f, "{interface}: expected version {versions}, found ")?;
        if found.is_empty() {
            return write!(f, "none");
        }
        for (place, OtherProvider { provider, path, version, mismatches }) in found.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{} of {provider}", display_text(version))?;
            if let Some(path) = path {
                write!(f, " in {}", path.display())?;
            }
            if !mismatches.is_empty() {
                write!(f, " in another form")?;
            }
        }
        for mismatch in found.iter().flat_map(|other| &other.mismatches) {
            write!(f, "\n    {mismatch}")?;
        }
        Ok(())
    }
}
