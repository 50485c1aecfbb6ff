//! Differences that have no parts: how they are said.

use core::fmt::Display;

use super::{
    comparison::Comparison,
    path::{Path, Step},
    show::{Text, display_type},
};
use crate::{
    descriptor::{Descriptor, TypeShape},
    layout::Fingerprint,
};

impl Comparison<'_> {
    /// Reports two types that are not the same at first sight.
    pub(super) fn unlike(&mut self, path: &Path<'_>, host: u32, plugin: u32, offsets: Option<(u64, u64)>) {
        let (mut expected, mut found) = self.tell_apart(host, plugin);
        if let Some((at, found_at)) = offsets {
            expected.push_str(&format!(" at offset {at}"));
            found.push_str(&format!(" at offset {found_at}"));
        }
        self.report(path, expected, found);
    }

    /// Two different types as text that differs, too.
    pub(super) fn tell_apart(&self, host: u32, plugin: u32) -> (String, String) {
        let show = |descriptor: &Descriptor<'_>, index, way| {
            let (entry, shown) = (descriptor.type_at(index), display_type(descriptor, index));
            match way {
                Way::Plain => shown.to_string(),
                Way::WithKind => format!("{}{shown}", kind(entry.shape)),
                Way::WithOrigin => format!("{}{}::{shown}", kind(entry.shape), Text(entry.origin)),
                Way::WithFingerprint => format!("{shown} with fingerprint {}", entry.fingerprint),
            }
        };
        let both = |way| (show(self.host, host, way), show(self.plugin, plugin, way));
        [Way::Plain, Way::WithKind, Way::WithOrigin]
            .map(both)
            .into_iter()
            .find(|(expected, found)| expected != found)
            .unwrap_or_else(|| both(Way::WithFingerprint))
    }

    /// Reports what is left of the difference between two types whose parts all fit: what they are as wholes, else the
    /// fingerprints, so that no difference ever goes unsaid.
    pub(super) fn rest(&mut self, path: &Path<'_>, host: u32, plugin: u32) {
        if !self.whole(path, host, plugin) {
            let (expected, found) = (self.host.type_at(host), self.plugin.type_at(plugin));
            let (path, _) = self.subject(path, host);
            self.fingerprints(&path, expected.fingerprint, found.fingerprint);
        }
    }

    /// How a type is called as a whole: by the path, or in words.
    fn subject<'p>(&self, path: &'p Path<'p>, host: u32) -> (Path<'p>, String)
    where
        Self: 'p,
    {
        let expected = self.host.type_at(host);
        match expected.shape {
            TypeShape::Struct | TypeShape::Enum => (path.then(Step::Whole(expected.name)), String::new()),
            TypeShape::Opaque
            | TypeShape::Pointer(_)
            | TypeShape::Array { .. }
            | TypeShape::Function { .. }
            | TypeShape::Recursive
            | TypeShape::Interface => (*path, format!("{} of ", display_type(self.host, host))),
        }
    }

    /// Reports in what two types differ as wholes: size, alignment, lifetimes, representation; returns whether they do.
    pub(super) fn whole(&mut self, path: &Path<'_>, host: u32, plugin: u32) -> bool {
        let (expected, found) = (self.host.type_at(host), self.plugin.type_at(plugin));
        let before = self.reports();
        let (path, subject) = self.subject(path, host);
        if expected.size != found.size {
            let show = |size| format!("{subject}size {size}");
            self.report(&path, show(expected.size), show(found.size));
        }
        if expected.align != found.align {
            let show = |align| format!("{subject}alignment {align}");
            self.report(&path, show(expected.align), show(found.align));
        }
        if !(expected.is_growing && self.have_common_lifetimes(expected, found)) {
            self.lifetimes(&path, expected.lifetimes, found.lifetimes);
        }
        self.differ(&path, expected.is_transparent, found.is_transparent, |is_transparent| {
            if is_transparent { "`repr(transparent)`" } else { "`repr(C)`" }
        });
        self.reports() > before
    }

    pub(super) fn fingerprints(&mut self, path: &Path<'_>, expected: Fingerprint, found: Fingerprint) {
        let show = |fingerprint| format!("fingerprint {fingerprint}");
        self.report(path, show(expected), show(found));
    }

    pub(super) fn lifetimes(&mut self, path: &Path<'_>, expected: &str, found: &str) {
        let show = |lifetimes| match lifetimes {
            "" => "no lifetimes".to_owned(),
            _ => format!("lifetimes `{}`", Text(lifetimes)),
        };
        self.differ(path, expected, found, show);
    }

    /// Reports two values if they differ.
    pub(super) fn differ<T: PartialEq, D: Display>(
        &mut self,
        path: &Path<'_>,
        expected: T,
        found: T,
        show: impl Fn(T) -> D,
    ) {
        if expected != found {
            self.report(path, show(expected), show(found));
        }
    }
}

/// How much is said of a type.
#[derive(Clone, Copy)]
enum Way {
    Plain,
    WithKind,
    WithOrigin,
    WithFingerprint,
}

const fn kind(shape: TypeShape) -> &'static str {
    match shape {
        TypeShape::Struct => "struct ",
        TypeShape::Enum => "enum ",
        TypeShape::Recursive => "recursive ",
        TypeShape::Opaque => "built-in ",
        TypeShape::Pointer(_)
        | TypeShape::Array { length: _ }
        | TypeShape::Function { is_unsafe: _ }
        | TypeShape::Interface => "",
    }
}
