//! Enums: representation, variants by name, discriminants, payloads.

use super::{
    comparison::Comparison,
    fields::is_regular,
    pairing::Pairing,
    path::{Path, Step},
    show::{self, Text, display_type},
};
use crate::descriptor::{Descriptor, Member, TypeEntry};

impl Comparison<'_> {
    /// Compares two enums; returns whether a difference was reported.
    pub(super) fn enums(&mut self, path: &Path<'_>, expected: &TypeEntry<'_>, found: &TypeEntry<'_>) -> bool {
        let of = expected.name;
        let (host, plugin) = (self.host.members(expected), self.plugin.members(found));
        if !self.spend_on(host) || !self.spend_on(plugin) {
            return true;
        }
        let before = self.reports();
        let (repr, found_repr) = (self.host.type_at(expected.target), self.plugin.type_at(found.target));
        let has_other_repr = repr.fingerprint != found_repr.fingerprint;
        if has_other_repr {
            let (one, other) = self.tell_apart(expected.target, found.target);
            let show = |repr| format!("`#[repr({repr})]`");
            self.report(&path.then(Step::Whole(of)), show(one), show(other));
        }

        let mut pairing = Pairing::by_name(
            host.iter().map(|variant| variant.name),
            plugin.iter().map(|variant| variant.name),
        );
        if pairing.is_reordered() {
            let order = pairing.plugin_order();
            let expected = pairing.both.iter().filter_map(|(place, _)| host.get(*place));
            let found = order.iter().filter_map(|place| plugin.get(*place));
            self.report(
                &path.then(Step::Whole(of)),
                format_args!("variants in the order {}", show::list(expected.map(|variant| variant.name))),
                format_args!("variants in the order {}", show::list(found.map(|variant| variant.name))),
            );
        }
        let renamed = pairing.take_renamed(|place| match (host.get(place), plugin.get(place)) {
            (Some(expected), Some(found)) => self.is_same_variant(expected, found),
            _ => false,
        });
        for place in renamed {
            if let (Some(expected), Some(found)) = (host.get(place), plugin.get(place)) {
                let show = |variant: &Member<'_>| format!("variant `{}`", Text(variant.name));
                self.report(&path.then(Step::Variant(of, expected.name)), show(expected), show(found));
            }
        }
        if expected.is_growing {
            self.grown_variants(path, of, (host, plugin), &mut pairing);
        }
        for variant in pairing.host_only.iter().filter_map(|place| host.get(*place)) {
            let expected = format!("variant with {}", discriminant(self.host, expected, variant));
            self.report(&path.then(Step::Variant(of, variant.name)), expected, "none");
        }
        for variant in pairing.plugin_only.iter().filter_map(|place| plugin.get(*place)) {
            let found = format!("variant with {}", discriminant(self.plugin, found, variant));
            self.report(&path.then(Step::Variant(of, variant.name)), "none", found);
        }

        let has_other_variants = self.reports() > before;
        let mut is_explained = has_other_variants;
        let follows = has_other_variants && is_counted(host) && is_counted(plugin);
        for (one, other) in
            pairing.both.iter().filter_map(|(one, other)| host.get(*one).zip(plugin.get(*other)))
        {
            let Member {
                name,
                value,
                // Both name the fields, which are compared below.
                first: _,
                count: _,
                // Of a field.
                since: _,
            } = *one;
            let path = path.then(Step::Variant(of, name));
            if value != other.value && !follows {
                let expected = discriminant(self.host, expected, one);
                self.report(&path, expected, discriminant(self.plugin, found, other));
                is_explained = true;
            }
            let (fields, found_fields) = (self.host.variant_fields(one), self.plugin.variant_fields(other));
            if !self.spend_on(fields) || !self.spend_on(found_fields) {
                return true;
            }
            let are_regular = if expected.is_growing {
                (true, true)
            } else {
                (
                    is_regular(self.host, fields, (repr.size, repr.align), None),
                    is_regular(self.plugin, found_fields, (found_repr.size, found_repr.align), None),
                )
            };
            // Under `repr(C, u8)` all payloads begin where the one with the largest alignment does.
            let is_shifted = has_other_repr || has_other_variants && are_regular == (false, false);
            let before = self.reports();
            let differs = self.fields(&path, expected, fields, found_fields, are_regular, is_shifted);
            is_explained |= differs && !is_shifted || self.reports() > before;
        }
        is_explained
    }

    /// Whether two variants are the same but for their names.
    fn is_same_variant(&mut self, expected: &Member<'_>, found: &Member<'_>) -> bool {
        let (host, plugin) = (self.host.variant_fields(expected), self.plugin.variant_fields(found));
        expected.value == found.value
            && host.len() == plugin.len()
            && self.spend(1 + host.len())
            && host.iter().zip(plugin).all(|(expected, found)| {
                let types = (self.host.type_at(expected.layout()), self.plugin.type_at(found.layout()));
                expected.name == found.name
                    && expected.value == found.value
                    && types.0.fingerprint == types.1.fingerprint
            })
    }
}

/// Whether discriminants are the places, as they are where none is written: then they shift with the variants.
fn is_counted(variants: &[Member<'_>]) -> bool {
    variants.iter().zip(0..).all(|(variant, place)| variant.value == place)
}

fn discriminant(descriptor: &Descriptor<'_>, of: &TypeEntry<'_>, variant: &Member<'_>) -> String {
    let repr = display_type(descriptor, of.target).to_string();
    match repr.starts_with('i') {
        true => format!("discriminant {}", variant.value.cast_signed()),
        false => format!("discriminant {}", variant.value),
    }
}
