//! Whether what one plugin requires is what another, or the host, provides.

use core::fmt;

use semver::{Version, VersionReq};

use super::{
    Mismatch,
    interfaces::{is_namesake, judge},
    show::Text,
    versions::versions_compatible,
};
use crate::descriptor::{Descriptor, InterfaceEntry, Requirement};

/// What a provided interface is to somebody who requires one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// Another interface.
    Another,
    /// The interface, in a version that will not do.
    OtherVersion,
    /// The interface in a version that should do, in another form.
    OtherForm(Vec<Mismatch>),
    /// What is required.
    Fits,
}

/// Judges a provided interface by a required one. The requirer is the one who calls, so it is compared as a host is with
/// a plugin: what objects of either side may cross is compared in both directions.
#[must_use]
pub fn offer(
    requirer: (&Descriptor<'_>, &InterfaceEntry<'_>),
    provider: (&Descriptor<'_>, &InterfaceEntry<'_>),
) -> Offer {
    let (Some(Requirement { versions, is_optional: _ }), true) =
        (requirer.1.required, is_namesake(requirer, provider))
    else {
        return Offer::Another;
    };
    let will_do = versions.is_empty() || {
        let (versions, version) = (VersionReq::parse(versions), Version::parse(provider.1.version));
        matches!((versions, version), (Ok(versions), Ok(version)) if versions.matches(&version))
    };
    if !will_do || !versions_compatible(requirer.1.version, provider.1.version) {
        return Offer::OtherVersion;
    }
    let mut mismatches = judge(requirer, provider).mismatches;
    let (crate_name, _) = requirer.1.id.split_once("::").unwrap_or((requirer.1.id, ""));
    let advice = format!("build both against one version of `{}`", Text(crate_name));
    for mismatch in &mut mismatches {
        mismatch.advice.clone_from(&advice);
    }
    if mismatches.is_empty() { Offer::Fits } else { Offer::OtherForm(mismatches) }
}

/// The versions of an interface that somebody requires, as `^1.2`, or as `one compatible with 1.2.0`.
pub fn display_versions(entry: &InterfaceEntry<'_>) -> impl fmt::Display {
    fmt::from_fn(move |f| match entry.required {
        Some(Requirement { versions, is_optional: _ }) if !versions.is_empty() => {
            write!(f, "{}", Text(versions))
        }
        _ => write!(f, "one compatible with {}", Text(entry.version)),
    })
}
