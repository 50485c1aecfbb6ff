//! Interfaces as wholes: identity, version, auto traits, supertraits; their methods are next door.

use super::{
    Mismatch, Verdict,
    comparison::Comparison,
    mentions,
    path::{Path, Step},
    show::{self, Text, trait_name},
    versions::{after_breaking, is_version, newer, versions_compatible},
};
use crate::{
    descriptor::{Descriptor, Head, InterfaceEntry},
    interface::InterfaceLayout,
};

/// Whether a plugin's interface is, by its digest, the very one that the host was compiled with, in a compatible
/// version. `false` means: ask [`fits_by_digests`] if it mentions others, and then [`fits`], which knows what else fits.
///
/// Allocates nothing (but for versions with long pre-release names), since every open asks it.
#[must_use]
pub fn fits_at_once(host: &InterfaceLayout, plugin: &Head<'_>, entry: &InterfaceEntry<'_>) -> bool {
    let InterfaceLayout {
        id: _,
        arguments: _,
        version,
        supers,
        is_send: _,
        is_sync: _,
        methods: _,
        // What is mentioned has digests of its own: `fits_by_digests`.
        mentions,
        // Of all the above but the version, and of the same in each supertrait.
        fingerprint,
    } = host;
    !mentions.are_some()
        && fingerprint.equals(entry.fingerprint)
        && versions_compatible(version, entry.version)
        && supers.len() == plugin.supers(entry).len()
        && supers.iter().zip(plugin.supers(entry)).all(|(host, entry)| fits_at_once(host, plugin, entry))
}

/// [`fits_at_once`] for an interface that mentions others: whether everything that is reached through it is there, each
/// thing by its digest, in a compatible version and in one version only. `host` describes what the host knows, and nothing that
/// is not reached through that.
///
/// Allocates nothing, as above. No type is looked at: what an interface mentions is, by its digest, the same on both sides, so
/// what there is of that name is what is meant.
#[must_use]
pub fn fits_by_digests(host: &Head<'_>, plugin: &Head<'_>) -> bool {
    host.interfaces().iter().all(|wanted| {
        let mut namesakes = plugin.interfaces().iter().filter(|entry| entry.id == wanted.id);
        match (namesakes.next(), namesakes.next()) {
            (Some(only), None) => {
                only.fingerprint == wanted.fingerprint
                    && (only.provided || !wanted.provided)
                    && versions_compatible(wanted.version, only.version)
            }
            // Several versions, or the same with other arguments: which is meant, types say.
            (None, _) | (Some(_), Some(_)) => false,
        }
    })
}

/// Whether an interface of a plugin certainly does not fit the host's, by the digests of its methods. `false` says nothing.
///
/// A call goes by place, so the methods of one place must be the same on both sides, unless a type in their signatures
/// may grow. Reads no type of the plugin, and allocates nothing.
#[must_use]
pub fn differs_at_once(
    host: (&Descriptor<'_>, &InterfaceEntry<'_>),
    plugin: (&Head<'_>, &InterfaceEntry<'_>),
) -> bool {
    let (wanted, entry) = (host.1, plugin.1);
    let (one, other) = (host.0.methods(wanted), plugin.0.method_fingerprints(entry));
    wanted.fingerprint != entry.fingerprint
        // With arguments it may be another interface.
        && wanted.arguments.is_empty()
        && entry.arguments.is_empty()
        && one.iter().zip(other).any(|(method, fingerprint)| method.fingerprint != fingerprint)
        && !host.0.has_growing_types()
}

/// Whether an interface of a plugin fits the host's, as [`interface`] would find: ends at the first thing that does not, and
/// finds no words for it.
#[must_use]
pub fn fits(
    host: (&Descriptor<'_>, &InterfaceEntry<'_>),
    plugin: (&Descriptor<'_>, &InterfaceEntry<'_>),
) -> bool {
    let mut comparison = Comparison::without_words(host.0, plugin.0);
    comparison.everything(host.1, plugin.1);
    comparison.has_fitted()
}

/// Whether two interfaces are one by their names: by id and generic arguments, as they are written.
#[must_use]
pub fn is_namesake(
    host: (&Descriptor<'_>, &InterfaceEntry<'_>),
    plugin: (&Descriptor<'_>, &InterfaceEntry<'_>),
) -> bool {
    host.1.id == plugin.1.id
        && (host.1.arguments.is_empty() && plugin.1.arguments.is_empty() || reads_the_same(host, plugin))
}

fn reads_the_same(
    host: (&Descriptor<'_>, &InterfaceEntry<'_>),
    plugin: (&Descriptor<'_>, &InterfaceEntry<'_>),
) -> bool {
    show::display_interface(host.0, host.1).to_string()
        == show::display_interface(plugin.0, plugin.1).to_string()
}

/// Everything in which an interface of a plugin does not fit the host's. Empty means that it fits, be it older or newer.
#[must_use]
pub fn interface(
    host: (&Descriptor<'_>, &InterfaceEntry<'_>),
    plugin: (&Descriptor<'_>, &InterfaceEntry<'_>),
) -> Vec<Mismatch> {
    judge(host, plugin).mismatches
}

/// [`interface`], with a note on everything that differs and fits all the same: who is newer, which methods the other
/// side lacks, and what happens then.
#[must_use]
pub fn judge(
    host: (&Descriptor<'_>, &InterfaceEntry<'_>),
    plugin: (&Descriptor<'_>, &InterfaceEntry<'_>),
) -> Verdict {
    let mut comparison = Comparison::new(host.0, plugin.0);
    comparison.everything(host.1, plugin.1);
    let notes = comparison.take_notes();
    Verdict { mismatches: comparison.finish(&advice(host.1, plugin.1)), notes }
}

/// What to do where nothing more particular is known.
fn advice(host: &InterfaceEntry<'_>, plugin: &InterfaceEntry<'_>) -> String {
    let (crate_name, _) = host.id.split_once("::").unwrap_or((host.id, ""));
    let (crate_name, version) = (Text(crate_name), Text(host.version));
    if host.version == plugin.version {
        format!(
            "plugin and host were built against two states of `{crate_name}` {version}: rebuild the plugin against the host's, and give an incompatible change an incompatible version"
        )
    } else {
        let mut advice = format!(
            "rebuild the plugin against `{crate_name}` {version}, which the host has, or the host against {}",
            Text(plugin.version)
        );
        if versions_compatible(host.version, plugin.version) {
            // Both claim to be compatible.
            let higher = newer(host.version, plugin.version);
            advice.push_str(&format!(
                "; an incompatible change needs an incompatible version: {}",
                after_breaking(higher)
            ));
        }
        advice
    }
}

impl Comparison<'_> {
    /// Compares two interfaces and what they mention.
    fn everything(&mut self, host: &InterfaceEntry<'_>, plugin: &InterfaceEntry<'_>) {
        self.interfaces(&Path::new(trait_name(host.id)), host, plugin);
        if !self.is_over() {
            self.mentions(mentions::of_interface(self.host, host));
        }
    }

    /// Compares two interfaces of one id.
    pub(super) fn interfaces(
        &mut self,
        path: &Path<'_>,
        host: &InterfaceEntry<'_>,
        plugin: &InterfaceEntry<'_>,
    ) {
        let InterfaceEntry {
            id,
            // They read the same, which is how it was found which interface of the plugin is meant.
            arguments: _,
            version,
            fingerprint,
            // A supertrait of one interface may be provided by itself as well: no difference to either.
            provided: _,
            // What one side requires of others is no business of the other side.
            required: _,
            is_send,
            is_sync,
            supers: _,
            methods: _,
        } = host;
        if !self.meet(host, plugin) || !self.spend(1 + id.len() / 64) {
            return;
        }
        let before = self.reports();
        if *id != plugin.id {
            // Another interface: what it has is of no interest.
            return self.differ(path, *id, plugin.id, |id| format!("interface `{}`", Text(id)));
        }
        self.versions(path, version, plugin.version);
        let mut is_explained = self.auto_trait(path, "Send", *is_send, plugin.is_send);
        is_explained |= self.auto_trait(path, "Sync", *is_sync, plugin.is_sync);
        is_explained |= self.supertraits(path, host, plugin);
        if *fingerprint == plugin.fingerprint {
            return;
        }
        let (one, other) = (self.host.interface_arguments(host), self.plugin.interface_arguments(plugin));
        let so_far = self.so_far();
        self.argument_lists(path, one, other);
        is_explained |= self.has_only_grown(so_far);
        is_explained |= self.methods(path, host, plugin);
        if !is_explained && self.reports() == before {
            self.fingerprints(path, *fingerprint, plugin.fingerprint);
        }
    }

    fn versions(&mut self, path: &Path<'_>, host: &str, plugin: &str) {
        if versions_compatible(host, plugin) {
            if host != plugin {
                let which = match (newer(host, plugin) == plugin, newer(plugin, host) == host) {
                    (true, true) => "of the same version but for its build",
                    (true, false) => "newer",
                    (false, _) => "older",
                };
                let (host, plugin) = (Text(host), Text(plugin));
                self.note(
                    path,
                    format_args!("the plugin is {which}: {plugin}, compatible with the host's {host}"),
                    "",
                );
            }
            return;
        }
        match (is_version(host), is_version(plugin)) {
            (false, _) => {
                self.report(path, "a semantic version in the host", format_args!("`{}`", Text(host)))
            }
            (true, false) => self.report(
                path,
                format_args!("version {} or one compatible with it", Text(host)),
                format_args!("`{}`, which is no semantic version", Text(plugin)),
            ),
            (true, true) => self.report(
                path,
                format_args!("version {} or one compatible with it", Text(host)),
                format_args!("version {}", Text(plugin)),
            ),
        }
    }

    /// A plugin may promise more than the host needs, if the objects are all its own. Returns whether the two differ.
    fn auto_trait(&mut self, path: &Path<'_>, name: &str, host: bool, plugin: bool) -> bool {
        if host && !plugin || self.is_mutual {
            self.differ(path, host, plugin, |is_promised| match is_promised {
                true => format!("implementors that are `{name}`"),
                false => format!("implementors that need not be `{name}`"),
            });
        } else if plugin && !host {
            self.note(
                path,
                format_args!("the plugin's implementors are `{name}`, more than the host asks for"),
                "",
            );
        }
        host != plugin
    }

    /// Supertraits stand in the table by place, so there must be the same ones. Returns whether their digests differ,
    /// which was reported or fits.
    fn supertraits(
        &mut self,
        path: &Path<'_>,
        host: &InterfaceEntry<'_>,
        plugin: &InterfaceEntry<'_>,
    ) -> bool {
        let expected: Vec<_> = self.host.supers(host).collect();
        let found: Vec<_> = self.plugin.supers(plugin).collect();
        if !expected.iter().map(|entry| entry.id).eq(found.iter().map(|entry| entry.id)) {
            let show = |entries: &[&InterfaceEntry<'_>]| match entries {
                [] => "no supertraits".to_owned(),
                _ => format!("supertraits {}", show::list(entries.iter().map(|entry| trait_name(entry.id)))),
            };
            let mut texts = (show(&expected), show(&found));
            if texts.0 == texts.1 {
                // Of one name, in different crates.
                let show = |entries: &[&InterfaceEntry<'_>]| {
                    format!("supertraits {}", show::list(entries.iter().map(|entry| entry.id)))
                };
                texts = (show(&expected), show(&found));
            }
            self.report(path, texts.0, texts.1);
        }
        let mut differ = false;
        for (expected, found) in expected.into_iter().zip(found) {
            differ |= expected.fingerprint != found.fingerprint;
            if expected.id == found.id && self.descend() {
                self.interfaces(&path.then(Step::Super(trait_name(expected.id))), expected, found);
                self.ascend();
            }
        }
        differ
    }
}
