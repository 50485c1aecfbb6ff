//! Whether a plugin provides an interface in a form that fits: by digests, else by the first difference; in words only for
//! whoever asks for them.

use plugin_core::{
    InterfaceLayout,
    compat::{self, Mismatch, Note, Verdict, display_provided, display_text},
    descriptor::{DecodeError, Descriptor, Head, InterfaceEntry},
};

use super::Known;
use crate::expected;

/// What comes of an interface that a host knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// It fits: the place of its constructor among those of the interfaces that the plugin provides.
    At(usize),
    /// The plugin provides no version of it.
    Absent,
    /// Every version of it that the plugin provides differs.
    Differs,
}

/// Looks for an interface. The plugin's types are read only if its digests are others than those that the host knows.
///
/// # Errors
///
/// What is wrong with the types, if they are needed.
pub(super) fn find(known: Known, plugin: &Head<'_>) -> Result<Fit, DecodeError> {
    let (mut whole, mut outcome) = (None, Fit::Absent);
    for (index, entry) in plugin.provides().enumerate() {
        let Some(interface) = known.iter().find(|interface| interface.id == entry.id) else {
            continue;
        };
        if is_equal(known, interface, plugin, entry) {
            return Ok(Fit::At(index));
        }
        let Ok(host) = expected::interface(known) else {
            return Ok(Fit::Differs);
        };
        // Most of what drifted: nothing of its types is read.
        if host
            .provides()
            .any(|wanted| wanted.id == entry.id && compat::differs_at_once((host, wanted), (plugin, entry)))
        {
            outcome = Fit::Differs;
            continue;
        }
        let whole = match &mut whole {
            Some(whole) => whole,
            none => none.insert(Descriptor::of(plugin.clone())?),
        };
        let Some(wanted) = wanted(host, whole, entry) else {
            continue;
        };
        if compat::fits((host, wanted), (whole, entry)) {
            return Ok(Fit::At(index));
        }
        outcome = Fit::Differs;
    }
    Ok(outcome)
}

/// Whether an interface of a plugin is, by the digests of all that is reached through it, the one that the host knows.
fn is_equal(
    known: Known,
    interface: &InterfaceLayout,
    plugin: &Head<'_>,
    entry: &InterfaceEntry<'_>,
) -> bool {
    if !interface.mentions_interfaces() {
        return compat::fits_at_once(interface, plugin, entry);
    }
    // What is reached is looked at only behind an equal digest.
    interface.fingerprint == entry.fingerprint
        && expected::interface(known).as_ref().is_ok_and(|host| compat::fits_by_digests(host, plugin))
}

/// The place of the constructor for an interface among those that a plugin provides; `None` if it provides no version
/// of it, everything that does not fit if every version of it that it provides differs.
pub(crate) fn fit(known: Known, plugin: &Head<'_>) -> Result<Option<usize>, Vec<Mismatch>> {
    match find(known, plugin) {
        Ok(Fit::At(index)) => Ok(Some(index)),
        Ok(Fit::Absent) => Ok(None),
        Ok(Fit::Differs) => Err(explain(known, plugin)),
        Err(error) => Err(vec![unreadable(&error)]),
    }
}

/// The interface that the host knows under the name of one of a plugin's.
fn wanted<'h>(
    host: &'h Descriptor<'static>,
    plugin: &Descriptor<'_>,
    entry: &InterfaceEntry<'_>,
) -> Option<&'h InterfaceEntry<'static>> {
    let wanted = host.provides().find(|wanted| wanted.id == entry.id)?;
    compat::is_namesake((host, wanted), (plugin, entry)).then_some(wanted)
}

/// Why no version of an interface that the plugin provides fits; of several, why the last does not.
fn explain(known: Known, plugin: &Head<'_>) -> Vec<Mismatch> {
    let plugin = match Descriptor::of(plugin.clone()) {
        Ok(plugin) => plugin,
        Err(error) => return vec![unreadable(&error)],
    };
    let verdicts = plugin.provides().filter_map(|entry| judge(known, &plugin, entry));
    verdicts.last().unwrap_or_default().mismatches
}

/// What is to be said of the first version of an interface that fits.
pub(super) fn notes(known: Known, plugin: &Descriptor<'_>) -> Vec<Note> {
    let mut verdicts = plugin.provides().filter_map(|entry| judge(known, plugin, entry));
    verdicts.find(Verdict::fits).unwrap_or_default().notes
}

/// What comes of one interface of a plugin, in words; `None` if it is another one than the host knows.
fn judge(known: Known, plugin: &Descriptor<'_>, entry: &InterfaceEntry<'_>) -> Option<Verdict> {
    match expected::interface(known) {
        Ok(host) => {
            let wanted = wanted(host, plugin, entry)?;
            Some(compat::judge((host, wanted), (plugin, entry)))
        }
        Err(error) => {
            let interface = known.iter().find(|interface| interface.id == entry.id)?;
            Some(Verdict { mismatches: vec![not_held(interface, error)], notes: Vec::new() })
        }
    }
}

pub(crate) fn not_provided(known: Known, plugin: &Head<'_>) -> Mismatch {
    Mismatch {
        path: "provided interfaces".to_owned(),
        expected: match expected::interface(known) {
            Ok(wanted) => display_provided(wanted).to_string(),
            Err(_) => known.iter().map(|interface| interface.id).collect::<Vec<_>>().join(", "),
        },
        found: match Descriptor::of(plugin.clone()) {
            Ok(plugin) => display_provided(&plugin).to_string(),
            // Their arguments are types.
            Err(_) => plugin
                .provides()
                .map(|entry| display_text(entry.id).to_string())
                .collect::<Vec<_>>()
                .join(", "),
        },
        advice: "open a plugin that implements the interface".to_owned(),
    }
}

fn unreadable(error: &DecodeError) -> Mismatch {
    Mismatch {
        path: "types".to_owned(),
        expected: "a table that can be read".to_owned(),
        found: error.to_string(),
        advice: "build the plugin again".to_owned(),
    }
}

fn not_held(interface: &InterfaceLayout, error: &DecodeError) -> Mismatch {
    Mismatch {
        path: interface.id.to_owned(),
        expected: "an interface that a descriptor can hold".to_owned(),
        found: error.to_string(),
        advice: String::new(),
    }
}
