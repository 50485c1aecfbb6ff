//! Types that grow: what only one side has, behind the end of the other, fits.

use super::{
    comparison::{Comparison, Verdict},
    fields::named,
    pairing::Pairing,
    path::{Path, Step},
    show::Text,
};
use crate::descriptor::{Descriptor, Member, TypeEntry, TypeShape};

const MARK_ON_BOTH: &str = "mark the type with `#[crossing(growing)]` on both sides or on none: a type begins or ends to grow with an incompatible version";
const SINCE: &str = "add fields to a growing struct behind those that it has, each with the `#[since(\"…\")]` that names the version that adds it, so that older builds fit";
const AT_THE_END: &str = "add variants to a growing enum behind those that it has";

impl Comparison<'_> {
    /// Reports that only one of two types grows.
    pub(super) fn growth(
        &mut self,
        path: &Path<'_>,
        expected: &TypeEntry<'_>,
        found: &TypeEntry<'_>,
    ) -> bool {
        let show = |is_growing| match is_growing {
            true => "a type that grows",
            false => "a type that does not grow",
        };
        let path = path.then(Step::Whole(expected.name));
        self.report_with(&path, show(expected.is_growing), show(found.is_growing), MARK_ON_BOTH);
        true
    }

    /// Takes out the fields that one side has behind the end of the other's, which a reader without them leaves to their
    /// owner, and a reader with them replaces by their defaults. Reports all others that only one side has.
    pub(super) fn grown_fields(
        &mut self,
        path: &Path<'_>,
        of: &str,
        (host, plugin): (&[Member<'_>], &[Member<'_>]),
        pairing: &mut Pairing,
    ) {
        for place in pairing.host_only.drain(..) {
            let Some(field) = host.get(place) else { continue };
            let path = path.then(Step::Field(of, field.name));
            if place >= plugin.len() && !field.since.is_empty() {
                self.count(Verdict::Grown);
                let since = Text(field.since);
                self.note(
                    &path,
                    format_args!("the plugin lacks it: the host fills in its default (since {since})"),
                    "",
                );
                continue;
            }
            self.report_with(&path, named(self.host, field), "none", SINCE);
        }
        for place in pairing.plugin_only.drain(..) {
            let Some(field) = plugin.get(place) else { continue };
            let path = path.then(Step::Field(of, field.name));
            if place >= host.len() && !field.since.is_empty() {
                self.count(Verdict::Grown);
                let since = Text(field.since);
                self.note(
                    &path,
                    format_args!("the host lacks it: the plugin fills in its default (since {since})"),
                    "",
                );
                continue;
            }
            self.report_with(&path, "none", named(self.plugin, field), SINCE);
        }
    }

    /// The same for variants, which arrive as the unknown one where they are not known.
    pub(super) fn grown_variants(
        &mut self,
        path: &Path<'_>,
        of: &str,
        (host, plugin): (&[Member<'_>], &[Member<'_>]),
        pairing: &mut Pairing,
    ) {
        let show = |variant: &Member<'_>| format!("variant `{}`", Text(variant.name));
        for place in pairing.host_only.drain(..) {
            let Some(variant) = host.get(place) else { continue };
            let path = path.then(Step::Variant(of, variant.name));
            if place >= plugin.len() {
                self.count(Verdict::Grown);
                self.note(
                    &path,
                    "the plugin does not know it, and gets the unknown variant in its place",
                    "",
                );
                continue;
            }
            self.report_with(&path, show(variant), "none", AT_THE_END);
        }
        for place in pairing.plugin_only.drain(..) {
            let Some(variant) = plugin.get(place) else { continue };
            let path = path.then(Step::Variant(of, variant.name));
            if place >= host.len() {
                self.count(Verdict::Grown);
                self.note(&path, "the host does not know it, and gets the unknown variant in its place", "");
                continue;
            }
            self.report_with(&path, "none", show(variant), AT_THE_END);
        }
    }

    /// Whether the lifetimes of two growing types are the same as far as both have fields.
    pub(super) fn have_common_lifetimes(&mut self, expected: &TypeEntry<'_>, found: &TypeEntry<'_>) -> bool {
        if !self.spend(1 + (expected.lifetimes.len() + found.lifetimes.len()) / 16) {
            return false;
        }
        let (declared, fields) = lifetimes(expected.lifetimes);
        let (found_declared, found_fields) = lifetimes(found.lifetimes);
        let common = count(self.host, expected).min(count(self.plugin, found));
        declared == found_declared
            && fields
                .chain(core::iter::repeat(""))
                .zip(found_fields.chain(core::iter::repeat("")))
                .take(common)
                .all(|(one, other)| one == other)
    }
}

/// The declared lifetimes, and those of each field; a text that is empty stands for none at all.
fn lifetimes(text: &str) -> (&str, impl Iterator<Item = &str>) {
    let (declared, fields) = text.split_once("> ").unwrap_or_default();
    (declared.trim_start_matches('<'), fields.split("; "))
}

/// How many fields a type has, those of its variants taken together.
fn count(descriptor: &Descriptor<'_>, of: &TypeEntry<'_>) -> usize {
    let members = descriptor.members(of);
    match of.shape {
        TypeShape::Enum => members.iter().map(|variant| descriptor.variant_fields(variant).len()).sum(),
        TypeShape::Struct
        | TypeShape::Opaque
        | TypeShape::Pointer(_)
        | TypeShape::Array { length: _ }
        | TypeShape::Function { is_unsafe: _ }
        | TypeShape::Recursive
        | TypeShape::Interface => members.len(),
    }
}
