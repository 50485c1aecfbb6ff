//! Rows 1 and 4: calls whose arguments and results are numbers.

use std::hint::black_box;

use calls_api::Calls;
use grown_api::Grown;

use super::{Bench, Found};
use crate::{
    Outcome,
    instructions::{self, Kind},
    results::Finding,
    rounds::{Case, case, interleave},
    subjects::Subjects,
};

/// A trivial body: what a call costs.
pub(super) fn add(subjects: &Subjects) -> Vec<Case<'_>> {
    let Subjects { ours, raw, host, peer, peer_object, .. } = subjects;
    vec![
        case!("this", ours.add(black_box(1), black_box(2))),
        case!("raw", (raw.add)(raw.this, black_box(1), black_box(2))),
        case!("dyn", host.add(black_box(1), black_box(2))),
        case!("abi_stable module", peer.add()(black_box(1), black_box(2))),
        case!("sabi_trait", peer_api::calls::Object_TO::add(peer_object, black_box(1), black_box(2))),
    ]
}

/// A body that is a call of its own.
fn mix(subjects: &Subjects) -> Vec<Case<'_>> {
    let Subjects { ours, raw, host, peer, peer_object, .. } = subjects;
    vec![
        case!("this", ours.mix(black_box(1))),
        case!("raw", (raw.mix)(raw.this, black_box(1))),
        case!("dyn", host.mix(black_box(1))),
        case!("abi_stable module", peer.mix()(black_box(1))),
        case!("sabi_trait", peer_api::calls::Object_TO::mix(peer_object, black_box(1))),
    ]
}

/// A method from the beginning, a newer one that the plugin has, and one that it lacks.
fn grown(subjects: &Subjects) -> Vec<Case<'_>> {
    let Subjects { grown, grown_old, .. } = subjects;
    vec![
        case!("from the beginning", grown.first(black_box(1))),
        case!("newer", grown.later(black_box(1))),
        case!("newer, missing", grown_old.later(black_box(1))),
    ]
}

/// The calls whose instructions are counted.
pub(crate) fn kinds() -> [Kind; 3] {
    [
        Kind { name: "trivial body", cases: add },
        Kind { name: "body of its own", cases: mix },
        Kind { name: "grown interface", cases: grown },
    ]
}

pub(super) fn numbers(bench: &Bench) -> Outcome<Found> {
    let subjects = Subjects::load(&bench.plugins)?;
    let mut found = Found::default();
    for (what, cases, bar) in
        [("time, trivial body", add(&subjects), 1.20), ("time, body of its own", mix(&subjects), 1.05)]
    {
        let compared = interleave(bench.effort, cases);
        found.findings.push(Finding::ratio(what, compared.ratio("this", "raw"), bar, compared.parts()));
    }
    let [trivial, own, _] = kinds();
    for kind in [trivial, own] {
        let counted = instructions::count(bench, &kind)?;
        let more = counted.of("this") - counted.of("raw");
        let what = format!("instructions more than raw, {}", kind.name);
        found.findings.push(Finding::at_most(what, more, "", 4.0, counted.parts()));
    }
    found.notes.push(
        "The body may panic, as most may. With thin LTO in place of fat, LLVM inlines what the standard library does with a caught panic into each entry, which then saves two registers: 7 instructions more than raw. Around a body that LLVM sees never to panic it is 6: there `raw` ends in a jump, and no function with a status beside its value can.",
    );
    found.notes.push(
        "`raw` takes the object that it is called on, as `&self` does. Instructions include the loop that calls, which is the same for all.",
    );
    Ok(found)
}

/// Why a newer method may be slower.
const COMPARED: &str = "Before the call the length of the plugin's table is compared, which is two instructions: the fewest there can be without a \
table of the host's for each older plugin. An idle core has them done while it waits for the call; where its other thread is busy, as \
in a virtual machine, a call takes as long as it has instructions (16 of 14).";

pub(super) fn later(bench: &Bench) -> Outcome<Found> {
    let subjects = Subjects::load(&bench.plugins)?;
    let compared = interleave(bench.effort, grown(&subjects));
    let [_, _, kind] = kinds();
    let counted = instructions::count(bench, &kind)?;
    let findings = ["newer", "newer, missing"].map(|which| {
        let mut parts = compared.parts();
        parts.extend(counted.parts());
        Finding::ratio(which, compared.ratio(which, "from the beginning"), 1.10, parts).why(COMPARED)
    });
    Ok(Found { findings: findings.into(), ..Found::default() })
}
