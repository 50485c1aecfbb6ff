//! Whether one build of a plugin can restore what another one saves.

use super::{
    Mismatch, mentions,
    show::{Text, display_type},
    types,
};
use crate::descriptor::{Descriptor, StateEntry, StateRole};

/// How the state of an older build gets to a newer one of the same plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handover {
    /// The older build saves nothing: the newer one starts afresh.
    Nothing,
    /// The newer build has no `#[restore]`: what the older one saves would be lost.
    Lost,
    /// By these two, as indices into [`Head::state`](crate::descriptor::Head::state).
    By {
        /// The `#[save]` of the older build.
        save: usize,
        /// The `#[restore]` of the newer one, which is of the same version.
        restore: usize,
    },
}

/// How the state of `old` gets to `new`.
///
/// # Errors
///
/// Everything in which what `new` restores differs from what `old` saves: the version, or the type, down to the field.
pub fn handover(old: &Descriptor<'_>, new: &Descriptor<'_>) -> Result<Handover, Vec<Mismatch>> {
    let Some((save, saved)) = of(old, StateRole::Save).next() else {
        return Ok(Handover::Nothing);
    };
    if of(new, StateRole::Restore).next().is_none() {
        return Ok(Handover::Lost);
    }
    let Some((restore, restored)) =
        of(new, StateRole::Restore).find(|(_, entry)| entry.version == saved.version)
    else {
        let mut versions: Vec<u32> = of(new, StateRole::Restore).map(|(_, entry)| entry.version).collect();
        versions.sort_unstable();
        let versions: Vec<String> = versions.iter().map(u32::to_string).collect();
        return Err(vec![Mismatch {
            path: "state".to_owned(),
            expected: format!("version {}", versions.join(" or ")),
            found: format!("version {} of type `{}`", saved.version, display_type(old, saved.layout)),
            advice: format!(
                "give {} a `#[restore(version = {})]` beside its own",
                Text(new.name),
                saved.version
            ),
        }]);
    };
    if saved.fingerprint == restored.fingerprint && mentions::of_type(old, saved.layout).is_empty() {
        return Ok(Handover::By { save, restore });
    }
    let mut mismatches = types((new, restored.layout), (old, saved.layout), "state");
    for mismatch in &mut mismatches {
        if mismatch.advice.is_empty() {
            mismatch.advice = format!(
                "keep what older builds save: give the changed state another version, and restore version {} as the type that it had; or let the type grow",
                saved.version
            );
        }
    }
    if mismatches.is_empty() { Ok(Handover::By { save, restore }) } else { Err(mismatches) }
}

fn of<'d>(descriptor: &'d Descriptor<'_>, role: StateRole) -> impl Iterator<Item = (usize, &'d StateEntry)> {
    descriptor.state().iter().enumerate().filter(move |(_, entry)| entry.role == role)
}
