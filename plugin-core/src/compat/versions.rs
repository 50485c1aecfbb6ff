//! Versions of interfaces, compared as cargo compares those of crates.

use semver::{Comparator, Op, Version};

/// Whether one of two versions satisfies the caret requirement of the other, as cargo reads it: `0.1.0` and `0.1.7`,
/// `1.2.0` and `1.9.0`, but not `0.1.0` and `0.2.0`. A text that is no semantic version is compatible with nothing.
#[must_use]
pub fn versions_compatible(one: &str, other: &str) -> bool {
    if one == other {
        return is_version(one);
    }
    let (Ok(one), Ok(other)) = (Version::parse(one), Version::parse(other)) else {
        return false;
    };
    let (lower, higher) = match one.cmp_precedence(&other).is_gt() {
        true => (other, one),
        false => (one, other),
    };
    let Version { major, minor, patch, pre, build: _ } = lower;
    let caret = Comparator { op: Op::Caret, major, minor: Some(minor), patch: Some(patch), pre };
    caret.matches(&higher)
}

/// The newer of two versions, the second if neither is: build metadata does not count.
pub(super) fn newer<'v>(one: &'v str, other: &'v str) -> &'v str {
    match (Version::parse(one), Version::parse(other)) {
        (Ok(left), Ok(right)) if left.cmp_precedence(&right).is_gt() => one,
        _ => other,
    }
}

/// The next version that is incompatible with this one.
pub(super) fn after_breaking(version: &str) -> Version {
    match Version::parse(version) {
        Ok(Version { major: 0, minor: 0, patch, .. }) => Version::new(0, 0, patch.saturating_add(1)),
        Ok(Version { major: 0, minor, .. }) => Version::new(0, minor.saturating_add(1), 0),
        Ok(Version { major, .. }) => Version::new(major.saturating_add(1), 0, 0),
        Err(_) => Version::new(1, 0, 0),
    }
}

pub(super) fn is_version(text: &str) -> bool {
    Version::parse(text).is_ok()
}
