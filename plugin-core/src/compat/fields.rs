//! Fields of structs and variants, by name.

use super::{
    comparison::{Comparison, Verdict},
    pairing::Pairing,
    path::{Path, Step},
    show::{self, Text, display_type},
};
use crate::descriptor::{Descriptor, Member, TypeEntry, TypeShape};

impl Comparison<'_> {
    pub(super) fn structs(
        &mut self,
        path: &Path<'_>,
        expected: &TypeEntry<'_>,
        found: &TypeEntry<'_>,
    ) -> bool {
        let (host, plugin) = (self.host.members(expected), self.plugin.members(found));
        if !self.spend_on(host) || !self.spend_on(plugin) {
            return true;
        }
        let are_regular = if expected.is_growing {
            (true, true)
        } else {
            (
                is_regular(self.host, host, (0, 1), Some((expected.size, expected.align))),
                is_regular(self.plugin, plugin, (0, 1), Some((found.size, found.align))),
            )
        };
        self.fields(path, expected, host, plugin, are_regular, false)
    }

    /// Compares the fields of a struct or a variant; returns whether a difference was reported.
    ///
    /// Where both sides lay out their fields as C does, offsets that differ follow from something else that does.
    pub(super) fn fields(
        &mut self,
        path: &Path<'_>,
        whole: &TypeEntry<'_>,
        host: &[Member<'_>],
        plugin: &[Member<'_>],
        are_regular: (bool, bool),
        mut is_explained: bool,
    ) -> bool {
        let (of, before) = (whole.name, self.reports());
        let mut pairing = Pairing::by_name(names(host), names(plugin));
        if pairing.is_reordered() {
            let (whole, order) = (path.then(Step::Whole(of)), pairing.plugin_order());
            self.report(
                &whole,
                format_args!(
                    "fields in the order {}",
                    show::list(picked(host, pairing.both.iter().map(|(place, _)| *place)))
                ),
                format_args!("fields in the order {}", show::list(picked(plugin, order.into_iter()))),
            );
        }
        let renamed = pairing.take_renamed(|place| match (host.get(place), plugin.get(place)) {
            (Some(expected), Some(found)) => {
                self.host.type_at(expected.layout()).fingerprint
                    == self.plugin.type_at(found.layout()).fingerprint
                    && expected.value == found.value
            }
            _ => false,
        });
        for place in renamed {
            if let (Some(expected), Some(found)) = (host.get(place), plugin.get(place)) {
                let path = path.then(Step::Field(of, expected.name));
                self.report(&path, named(self.host, expected), named(self.plugin, found));
            }
        }
        if whole.is_growing && whole.shape == TypeShape::Struct {
            self.grown_fields(path, of, (host, plugin), &mut pairing);
        }
        for expected in pairing.host_only.iter().filter_map(|place| host.get(*place)) {
            let path = path.then(Step::Field(of, expected.name));
            self.report(&path, show::field(self.host, expected), "none");
        }
        for found in pairing.plugin_only.iter().filter_map(|place| plugin.get(*place)) {
            let path = path.then(Step::Field(of, found.name));
            self.report(&path, "none", show::field(self.plugin, found));
        }
        is_explained |= self.reports() > before;

        let both = || pairing.both.iter().filter_map(|(one, other)| host.get(*one).zip(plugin.get(*other)));
        for (expected, found) in both() {
            let Member {
                name,
                value,
                first: layout,
                // Of a variant.
                count: _,
                // Matters to a side that lacks the field.
                since: _,
            } = *expected;
            let path = path.then(Step::Field(of, name));
            let offsets = Some((value, found.value));
            is_explained |= self.types(&path, layout, found.layout(), offsets) == Verdict::Reported;
        }
        if !is_explained || are_regular.0 != are_regular.1 {
            for (expected, found) in both().filter(|(expected, found)| expected.value != found.value) {
                let path = path.then(Step::Field(of, expected.name));
                self.report(&path, show::field(self.host, expected), show::field(self.plugin, found));
                is_explained = true;
            }
        }
        is_explained
    }
}

fn names<'m>(members: &'m [Member<'m>]) -> impl ExactSizeIterator<Item = &'m str> {
    members.iter().map(|member| member.name)
}

fn picked<'m>(
    members: &'m [Member<'m>],
    places: impl Iterator<Item = usize> + Clone,
) -> impl Iterator<Item = &'m str> + Clone {
    places.filter_map(|place| members.get(place)).map(|member| member.name)
}

pub(super) fn named(descriptor: &Descriptor<'_>, field: &Member<'_>) -> String {
    format!("field `{}: {}`", Text(field.name), display_type(descriptor, field.layout()))
}

/// Whether fields lie where C lays them: each at the next place that suits its alignment, after `start`, which is the
/// size and alignment of what stands before them.
pub(super) fn is_regular(
    descriptor: &Descriptor<'_>,
    fields: &[Member<'_>],
    start: (u64, u32),
    whole: Option<(u64, u32)>,
) -> bool {
    let (mut end, mut align) = start;
    for field in fields {
        let layout = descriptor.type_at(field.layout());
        if end.checked_next_multiple_of(u64::from(layout.align)) != Some(field.value) {
            return false;
        }
        end = field.value.saturating_add(layout.size);
        align = align.max(layout.align);
    }
    let size = end.checked_next_multiple_of(u64::from(align));
    whole.is_none_or(|whole| Some(whole) == size.map(|size| (size, align)))
}
