//! The table of methods: names first, then each method, then the places, which are what a call relies on.

use super::{
    comparison::{Comparison, Verdict},
    pairing::Pairing,
    path::{Path, Step},
    show::{self, Text, display_method},
    versions::after_breaking,
};
use crate::descriptor::{InterfaceEntry, MethodEntry};

impl Comparison<'_> {
    /// Compares two tables; returns whether they differ, which was reported or fits.
    pub(super) fn methods(
        &mut self,
        path: &Path<'_>,
        of: &InterfaceEntry<'_>,
        found: &InterfaceEntry<'_>,
    ) -> bool {
        let (host, plugin) = (self.host.methods(of), self.plugin.methods(found));
        if ![host, plugin].into_iter().flatten().all(|method| self.spend(1 + method.name.len() / 64)) {
            return true;
        }
        let before = self.reports();
        let mut pairing =
            Pairing::by_name(host.iter().map(|method| method.name), plugin.iter().map(|method| method.name));
        if pairing.is_reordered() {
            let order = pairing.plugin_order();
            let expected = pairing.both.iter().filter_map(|(place, _)| host.get(*place));
            let found = order.iter().filter_map(|place| plugin.get(*place));
            self.report(
                path,
                format_args!("methods in the order {}", show::list(expected.map(|method| method.name))),
                format_args!("methods in the order {}", show::list(found.map(|method| method.name))),
            );
        }
        let renamed = pairing.take_renamed(|place| match (host.get(place), plugin.get(place)) {
            (Some(expected), Some(found)) => self.is_same_method(expected, found),
            _ => false,
        });
        for place in renamed {
            if let (Some(expected), Some(found)) = (host.get(place), plugin.get(place)) {
                let show = |method: &MethodEntry<'_>| format!("method `{}`", Text(method.name));
                self.report(&path.then(Step::Method(expected.name)), show(expected), show(found));
            }
        }
        let mut differ = false;
        for place in pairing.host_only {
            let Some(method) = host.get(place) else { continue };
            // Beyond the end of an older plugin's table: a call gets the default.
            if place >= plugin.len() && !method.since.is_empty() {
                differ = true;
                let since = Text(method.since);
                let reason = format!("the plugin lacks it; the host's default runs (since {since})");
                self.note(&path.then(Step::Method(method.name)), reason, "");
                continue;
            }
            let expected = format!("method `{}`", display_method(self.host, method));
            self.report_with(&path.then(Step::Method(method.name)), expected, "none", missing(of, method));
        }
        for place in pairing.plugin_only {
            let Some(method) = plugin.get(place) else { continue };
            // Behind all that the host knows: never called, unless the object is the host's, and then it has a default.
            if place >= host.len() && (!self.is_mutual || !method.since.is_empty()) {
                differ = true;
                let (reason, advice) = unknown(found, method, self.is_mutual);
                self.note(&path.then(Step::Method(method.name)), reason, advice);
                continue;
            }
            let found = format!("method `{}`", display_method(self.plugin, method));
            self.report_with(
                &path.then(Step::Method(method.name)),
                "none",
                found,
                "add methods to a trait behind those that it has, with a default and `#[since(\"…\")]`",
            );
        }
        for (one, other) in pairing.both {
            if let Some((expected, found)) = host.get(one).zip(plugin.get(other)) {
                differ |= self.method(&path.then(Step::Method(expected.name)), expected, found);
            }
        }
        // Whatever names say, a call goes by place: if nothing was said so far, every place must hold the same.
        if self.reports() == before {
            for (expected, found) in host.iter().zip(plugin).filter(|(one, other)| one.name != other.name) {
                let path = path.then(Step::Method(expected.name));
                self.fingerprints(&path, expected.fingerprint, found.fingerprint);
            }
        }
        differ || self.reports() > before
    }

    /// Compares two methods of one name; returns whether they differ, which was reported or fits.
    fn method(&mut self, path: &Path<'_>, expected: &MethodEntry<'_>, found: &MethodEntry<'_>) -> bool {
        let MethodEntry { name: _, since, lifetimes, fingerprint, signature, receiver } = *expected;
        if fingerprint == found.fingerprint {
            let differ = since.is_empty() != found.since.is_empty();
            if differ {
                let (who, other) = if since.is_empty() { ("plugin", "host") } else { ("host", "plugin") };
                self.note(
                    path,
                    format_args!("`#[since]` in the {who} only; the {other} has the method, too"),
                    "",
                );
            }
            return differ;
        }
        let before = self.reports();
        self.differ(path, receiver, found.receiver, |receiver| {
            format!("receiver `{}`", show::receiver(receiver))
        });
        let verdict = self.signature(path, signature, found.signature);
        // Other types may have more lifetimes or fewer as a matter of course.
        let count = |lifetimes: &str| lifetimes.split(' ').count();
        if verdict != Verdict::Reported || count(lifetimes) == count(found.lifetimes) {
            self.lifetimes(path, lifetimes, found.lifetimes);
        }
        if self.reports() == before && !matches!(verdict, Verdict::Reported | Verdict::Grown) {
            self.fingerprints(path, fingerprint, found.fingerprint);
        }
        true
    }

    /// Whether two methods are the same but for their names.
    fn is_same_method(&self, expected: &MethodEntry<'_>, found: &MethodEntry<'_>) -> bool {
        let signatures = (self.host.type_at(expected.signature), self.plugin.type_at(found.signature));
        expected.receiver == found.receiver
            && expected.lifetimes == found.lifetimes
            && signatures.0.fingerprint == signatures.1.fingerprint
    }
}

/// What is said of a method behind the last one that the host knows, and what to do about it.
fn unknown(of: &InterfaceEntry<'_>, method: &MethodEntry<'_>, is_mutual: bool) -> (String, String) {
    let since = Text(method.since);
    if is_mutual {
        return (
            format!("the host lacks it; the plugin's default runs for the host's objects (since {since})"),
            String::new(),
        );
    }
    if !method.since.is_empty() {
        return (format!("the host does not know it and never calls it (since {since})"), String::new());
    }
    let (version, major) = (Text(of.version), after_breaking(of.version));
    (
        "the host does not know it and never calls it; without `#[since]` it is a breaking change: a host that has it refuses plugins that lack it".to_owned(),
        format!("give the method a default and `#[since(\"{version}\")]`, or the interface the version {major}"),
    )
}

/// What to do about a method that the plugin lacks.
fn missing(of: &InterfaceEntry<'_>, method: &MethodEntry<'_>) -> String {
    let (crate_name, _) = of.id.split_once("::").unwrap_or((of.id, ""));
    let (crate_name, version) = (Text(crate_name), Text(of.version));
    let why = match method.since {
        "" => "a method more without `#[since]` is a breaking change: ",
        _ => "",
    };
    format!(
        "{why}rebuild the plugin against `{crate_name}` {version}, or give the method a default and `#[since(\"{version}\")]` at the end of the trait, so that older plugins fit"
    )
}
