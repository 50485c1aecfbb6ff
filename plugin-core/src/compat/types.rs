//! Types and signatures, down to every field.

use super::{
    Mismatch,
    comparison::{Comparison, SoFar, Verdict},
    mentions,
    path::{Path, Step},
    show::{self, Text, display_type},
};
use crate::descriptor::{ArgumentEntry, Descriptor, SymbolEntry, SymbolKind, TypeEntry, TypeShape};

/// How deep a type is looked into to say that it is another one, before its parts are compared one by one.
const ALIKE_DEPTH: usize = 8;

/// Everything in which two types, or two signatures, differ.
///
/// `path` names what has the type; the paths of the mismatches begin with it.
#[must_use]
pub fn types(host: (&Descriptor<'_>, u32), plugin: (&Descriptor<'_>, u32), path: &str) -> Vec<Mismatch> {
    let mut comparison = Comparison::new(host.0, plugin.0);
    comparison.signature(&Path::new(path), host.1, plugin.1);
    comparison.mentions(mentions::of_type(host.0, host.1));
    comparison.finish("")
}

/// Everything in which an exported function or static differs from what is looked up.
#[must_use]
pub fn symbol(
    host: (&Descriptor<'_>, &SymbolEntry<'_>),
    plugin: (&Descriptor<'_>, &SymbolEntry<'_>),
) -> Vec<Mismatch> {
    // The digest of the type is part of that of the symbol.
    let SymbolEntry { name, lifetimes, fingerprint, layout, type_fingerprint: _, kind } = *host.1;
    let found = plugin.1;
    let mut comparison = Comparison::new(host.0, plugin.0);
    let path = Path::new(name);
    if name != found.name {
        comparison.report(&path, format_args!("`{}`", Text(name)), format_args!("`{}`", Text(found.name)));
    }
    if kind != found.kind {
        let show = |kind, shown| match kind {
            SymbolKind::Function => format!("function `{shown}`"),
            SymbolKind::Static => format!("static of type `{shown}`"),
        };
        comparison.report(
            &path,
            show(kind, display_type(host.0, layout).to_string()),
            show(found.kind, display_type(plugin.0, found.layout).to_string()),
        );
    } else if fingerprint != found.fingerprint {
        let verdict = comparison.signature(&path, layout, found.layout);
        // Other types have other lifetimes as a matter of course.
        if comparison.reports() == 0 {
            comparison.lifetimes(&path, lifetimes, found.lifetimes);
        }
        if comparison.reports() == 0 && verdict != Verdict::Grown {
            comparison.fingerprints(&path, fingerprint, found.fingerprint);
        }
    }
    comparison.mentions(mentions::of_type(host.0, layout));
    let what = match found.kind {
        SymbolKind::Function => "function",
        SymbolKind::Static => "static",
    };
    comparison.finish(&format!(
        "look it up as what the plugin exports: a {what} of type `{}`",
        display_type(plugin.0, found.layout)
    ))
}

impl Comparison<'_> {
    /// Compares two signatures argument by argument; anything else as types.
    pub(super) fn signature(&mut self, path: &Path<'_>, host: u32, plugin: u32) -> Verdict {
        let (expected, found) = (self.host.type_at(host), self.plugin.type_at(plugin));
        if expected.fingerprint == found.fingerprint {
            return Verdict::Fits;
        }
        let (TypeShape::Function { is_unsafe }, TypeShape::Function { is_unsafe: is_found_unsafe }) =
            (expected.shape, found.shape)
        else {
            return self.types(path, host, plugin, None);
        };
        let before = self.so_far();
        if is_unsafe != is_found_unsafe {
            let show = |is_unsafe| if is_unsafe { "`unsafe fn`" } else { "safe `fn`" };
            self.report(path, show(is_unsafe), show(is_found_unsafe));
        }
        if self.host.members(expected).len() != self.plugin.members(found).len() {
            self.report(
                path,
                format_args!("arguments ({})", show::display_parameters(self.host, expected)),
                format_args!("arguments ({})", show::display_parameters(self.plugin, found)),
            );
        }
        let is_explained = self.parameters(path, expected, found);
        let is_explained = is_explained || self.has_reported(before);
        self.conclude(path, host, plugin, is_explained, before)
    }

    /// The verdict on two types that are not equal, after the comparison of what they are made of.
    fn conclude(
        &mut self,
        path: &Path<'_>,
        host: u32,
        plugin: u32,
        is_explained: bool,
        before: SoFar,
    ) -> Verdict {
        if is_explained {
            return Verdict::Reported;
        }
        // All that a fingerprint is made of besides: types that grew inside must not hide it.
        if self.has_only_grown(before) && !self.whole(path, host, plugin) {
            self.count(Verdict::Grown);
            return Verdict::Grown;
        }
        if !self.has_reported(before) {
            self.rest(path, host, plugin);
        }
        Verdict::Reported
    }

    /// Compares parameters, if there are as many, and results; returns whether a difference was reported.
    fn parameters(&mut self, path: &Path<'_>, expected: &TypeEntry<'_>, found: &TypeEntry<'_>) -> bool {
        let (host, plugin) = (self.host.members(expected), self.plugin.members(found));
        if !self.spend_on(host) {
            return true;
        }
        let mut is_explained = false;
        if host.len() == plugin.len() {
            for (place, (host, plugin)) in host.iter().zip(plugin).enumerate() {
                let path = path.then(Step::Argument(host.name, place));
                is_explained |= self.types(&path, host.layout(), plugin.layout(), None) == Verdict::Reported;
            }
        }
        let path = path.then(Step::Result);
        is_explained | (self.types(&path, expected.target, found.target, None) == Verdict::Reported)
    }

    /// Compares two types; `offsets` are given for those of fields.
    pub(super) fn types(
        &mut self,
        path: &Path<'_>,
        host: u32,
        plugin: u32,
        offsets: Option<(u64, u64)>,
    ) -> Verdict {
        let (expected, found) = (self.host.type_at(host), self.plugin.type_at(plugin));
        if expected.fingerprint == found.fingerprint {
            return Verdict::Fits;
        }
        if let Some(verdict) = self.verdict(host, plugin) {
            return verdict;
        }
        if !self.spend(1) {
            return Verdict::Reported;
        }
        if !self.alike(host, plugin, 0) {
            self.unlike(path, host, plugin, offsets);
            return Verdict::Reported;
        }
        self.judge(host, plugin, Verdict::Open);
        let before = self.so_far();
        let mut is_explained = false;
        if self.descend() {
            is_explained = self.contents(path, host, plugin);
            self.ascend();
        }
        let is_explained = is_explained || self.has_reported(before);
        let verdict = self.conclude(path, host, plugin, is_explained, before);
        self.judge(host, plugin, verdict)
    }

    /// Compares what two types of one kind and name are made of; returns whether a difference was reported.
    fn contents(&mut self, path: &Path<'_>, host: u32, plugin: u32) -> bool {
        let (expected, found) = (self.host.type_at(host), self.plugin.type_at(plugin));
        let inside = path.then(Step::Inside(self.host, host));
        match expected.shape {
            TypeShape::Opaque | TypeShape::Recursive | TypeShape::Interface => {
                self.arguments(&inside, expected, found)
            }
            TypeShape::Struct | TypeShape::Enum if expected.is_growing != found.is_growing => {
                self.growth(path, expected, found)
            }
            TypeShape::Struct => {
                self.structs(path, expected, found) | self.arguments(&inside, expected, found)
            }
            TypeShape::Enum => self.enums(path, expected, found) | self.arguments(&inside, expected, found),
            // A reference to a field reads as the field.
            TypeShape::Pointer(_) => {
                self.types(path, expected.target, found.target, None) == Verdict::Reported
            }
            TypeShape::Array { length: _ } => {
                self.types(&inside, expected.target, found.target, None) == Verdict::Reported
            }
            TypeShape::Function { is_unsafe: _ } => self.parameters(path, expected, found),
        }
    }

    fn arguments(&mut self, path: &Path<'_>, expected: &TypeEntry<'_>, found: &TypeEntry<'_>) -> bool {
        self.argument_lists(path, self.host.arguments(expected), self.plugin.arguments(found))
    }

    /// Compares generic arguments one by one; returns whether a difference was reported.
    pub(super) fn argument_lists(
        &mut self,
        path: &Path<'_>,
        host: &[ArgumentEntry],
        plugin: &[ArgumentEntry],
    ) -> bool {
        if !self.spend(host.len()) {
            return true;
        }
        let mut is_explained = false;
        for pair in host.iter().zip(plugin) {
            if let (ArgumentEntry::Type(host), ArgumentEntry::Type(plugin)) = pair {
                is_explained |= self.types(path, *host, *plugin, None) == Verdict::Reported;
            }
        }
        is_explained
    }

    /// Whether two types are the same at first sight, so that the difference is somewhere inside.
    fn alike(&mut self, host: u32, plugin: u32, depth: usize) -> bool {
        let (expected, found) = (self.host.type_at(host), self.plugin.type_at(plugin));
        let TypeEntry {
            fingerprint,
            name,
            origin,
            size: _,
            align: _,
            shape,
            lifetimes: _,
            is_transparent: _,
            is_growing: _,
            target,
            arguments: _,
            members: _,
        } = expected;
        // First of all: types may have any number of children at any depth.
        if !self.spend(1 + name.len() / 64) || *fingerprint == found.fingerprint || depth > ALIKE_DEPTH {
            return true;
        }
        // Kind of a pointer, length of an array and safety of a function are part of the shape.
        if *name != found.name || *origin != found.origin || *shape != found.shape {
            return false;
        }
        let (host, plugin) = (self.host.arguments(expected), self.plugin.arguments(found));
        let is_same_type = host.len() == plugin.len()
            && host.iter().zip(plugin).all(|pair| match pair {
                (ArgumentEntry::Type(host), ArgumentEntry::Type(plugin)) => {
                    self.alike(*host, *plugin, depth + 1)
                }
                (ArgumentEntry::Const(host), ArgumentEntry::Const(plugin)) => host == plugin,
                (ArgumentEntry::Type(_), ArgumentEntry::Const(_))
                | (ArgumentEntry::Const(_), ArgumentEntry::Type(_)) => false,
            });
        is_same_type
            && match shape {
                TypeShape::Opaque
                | TypeShape::Struct
                | TypeShape::Enum
                | TypeShape::Recursive
                | TypeShape::Interface => true,
                TypeShape::Pointer(_) | TypeShape::Array { length: _ } => {
                    self.alike(*target, found.target, depth + 1)
                }
                TypeShape::Function { is_unsafe: _ } => {
                    let (host, plugin) = (self.host.members(expected), self.plugin.members(found));
                    host.len() == plugin.len()
                        && host
                            .iter()
                            .zip(plugin)
                            .all(|(host, plugin)| self.alike(host.layout(), plugin.layout(), depth + 1))
                        && self.alike(*target, found.target, depth + 1)
                }
            }
    }
}
