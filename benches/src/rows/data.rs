//! Rows 2 and 3: calls with text and buffers; what they allocate besides what they take.

use std::hint::black_box;

use abi_stable::std_types::RVec;
use calls_api::Calls;
use peer_api::calls::Object_TO;

use super::{Bench, Found, calls};
use crate::{
    Outcome,
    instructions::Kind,
    results::{Finding, Part},
    rounds::{Case, case, interleave},
    subjects::{BUFFER, Subjects, slice, text},
};

const NAME: &str = "a name of usual length";

/// A kilobyte.
static INPUT: [u8; BUFFER] = [7; BUFFER];

fn input() -> &'static [u8] {
    black_box(&INPUT)
}

fn name() -> &'static str {
    black_box(NAME)
}

fn texts(subjects: &Subjects) -> Vec<Case<'_>> {
    let Subjects { ours, raw, host, peer, peer_object, .. } = subjects;
    vec![
        case!("this", ours.text(name())),
        case!("raw", (raw.text)(raw.this, text(name()))),
        case!("dyn", host.text(name())),
        case!("abi_stable module", peer.text()(text(name()))),
        case!("sabi_trait", Object_TO::text(peer_object, text(name()))),
    ]
}

fn buffers(subjects: &Subjects) -> Vec<Case<'_>> {
    let Subjects { ours, raw, host, peer, peer_object, .. } = subjects;
    vec![
        case!("this", ours.bytes(input())),
        case!("raw", (raw.bytes)(raw.this, slice(input()))),
        case!("dyn", host.bytes(input())),
        case!("abi_stable module", peer.bytes()(slice(input()))),
        case!("sabi_trait", Object_TO::bytes(peer_object, slice(input()))),
    ]
}

fn results(subjects: &Subjects) -> Vec<Case<'_>> {
    let Subjects { ours, raw, host, peer, peer_object, .. } = subjects;
    vec![
        case!("this", ours.checked(input())),
        case!("raw", (raw.checked)(raw.this, slice(input()))),
        case!("dyn", host.checked(input())),
        case!("abi_stable module", peer.checked()(slice(input()))),
        case!("sabi_trait", Object_TO::checked(peer_object, slice(input()))),
    ]
}

fn borrowed(subjects: &Subjects) -> Vec<Case<'_>> {
    let Subjects { ours, raw, .. } = subjects;
    vec![
        case!("this", ours.length(name(), input())),
        case!("raw", (raw.length)(raw.this, text(name()), slice(input()))),
    ]
}

fn loans(subjects: &Subjects) -> Vec<Case<'_>> {
    let Subjects { ours, raw, host, peer, peer_object, buffer, .. } = subjects;
    let with = move |append: &dyn Fn(&mut RVec<u8>)| {
        let mut output = buffer.borrow_mut();
        output.clear();
        append(&mut output);
    };
    vec![
        case!("this", with(&|output| ours.append(output, input()))),
        case!("raw", with(&|output| (raw.append)(raw.this, output, slice(input())))),
        case!("dyn", with(&|output| host.append(output, input()))),
        case!("abi_stable module", with(&|output| peer.append()(output, slice(input())))),
        case!("sabi_trait", with(&|output| Object_TO::append(peer_object, output, slice(input())))),
    ]
}

fn strings(subjects: &Subjects) -> Vec<Case<'_>> {
    let mut cases = texts(subjects);
    cases.insert(0, case!("String", subjects.ours.string(name())));
    cases
}

fn vectors(subjects: &Subjects) -> Vec<Case<'_>> {
    let mut cases = buffers(subjects);
    cases.insert(0, case!("Vec", subjects.ours.vec(input())));
    cases
}

fn shared_kinds() -> [Kind; 4] {
    [
        Kind { name: "`&str` → `RString`", cases: texts },
        Kind { name: "`&[u8]` → `RVec<u8>` of 1 kB", cases: buffers },
        Kind { name: "`&[u8]` → `Result<RVec<u8>, u64>`", cases: results },
        Kind { name: "`&mut RVec<u8>`, `&[u8]`", cases: loans },
    ]
}

fn copied_kinds() -> [Kind; 2] {
    [
        Kind { name: "`&str` → `String`", cases: strings },
        Kind { name: "`&[u8]` → `Vec<u8>` of 1 kB", cases: vectors },
    ]
}

/// The calls of rows 2 and 3.
pub(crate) fn kinds() -> impl Iterator<Item = Kind> {
    let borrowed = Kind { name: "`&str`, `&[u8]` → `u64`", cases: borrowed };
    [borrowed].into_iter().chain(shared_kinds()).chain(copied_kinds())
}

/// Why a value that comes in memory may take longer than one of a bare function.
const MOVES: &str = "the value comes back in memory, beside the status of the call, and the host moves it from there word by word: 1.5 to \
2 ns. Tried: one copy of all words, which waits 3 ns more for what the plugin has just stored; and a copy less in the plugin, which is \
done. Not taken: a pointer to where the value is to be, for which every call would have two forms. What a peer takes differs by as \
much between builds, by where its code and its stack lie.";

/// Row 2.
pub(super) fn shared(bench: &Bench) -> Outcome<Found> {
    let subjects = Subjects::load(&bench.plugins)?;
    let mut found = Found::default();
    for (what, mut cases) in
        [("numbers", calls::add(&subjects)), ("`&str`, `&[u8]` → `u64`", borrowed(&subjects))]
    {
        let allocated = allocations(&subjects, &mut cases);
        let ours = allocated.first().map_or(f64::NAN, |part| part.value);
        found.findings.push(Finding::at_most(format!("{what}: allocations"), ours, "", 0.0, allocated));
    }
    for Kind { name: what, cases } in shared_kinds() {
        let mut cases = cases(&subjects);
        let allocated = allocations(&subjects, &mut cases);
        let compared = interleave(bench.effort, cases);
        found
            .findings
            .push(Finding::ratio(what, compared.ratio("this", "raw"), 1.10, compared.parts()).why(MOVES));
        found.findings.push(more_allocations(format!("{what}: allocations more than raw"), 0.0, &allocated));
    }
    found.notes.push("`raw` passes `abi_stable`'s types by hand through exported functions.");
    Ok(found)
}

/// Row 3.
pub(super) fn copied(bench: &Bench) -> Outcome<Found> {
    let subjects = Subjects::load(&bench.plugins)?;
    let mut found = Found::default();
    for (own, Kind { name: what, cases }) in ["String", "Vec"].into_iter().zip(copied_kinds()) {
        let mut cases = cases(&subjects);
        let allocated = allocations(&subjects, &mut cases);
        let compared = interleave(bench.effort, cases);
        let ratio = compared.ratio(own, "raw");
        found.findings.push(Finding::plain(format!("{what}, against raw"), ratio, "×", compared.parts()));
        found.findings.push(more_allocations(format!("{what}: allocations more than raw"), 1.0, &allocated));
    }
    found.notes.push(
        "The copy is made where the libraries' allocators differ; the feature `system-allocator` saves it.",
    );
    Ok(found)
}

/// What one run of each case allocates, in this program and in all plugins.
fn allocations(subjects: &Subjects, cases: &mut [Case<'_>]) -> Vec<Part> {
    let Subjects { ours, raw, peer, .. } = subjects;
    let all = || counting::allocations() + ours.allocations() + (raw.allocations)() + peer.allocations()();
    let mut parts = Vec::new();
    for Case { name, run } in cases {
        run(1);
        let before = all();
        run(1);
        parts.push(Part::new(*name, (all() - before) as f64, ""));
    }
    parts
}

/// The first case's allocations that `raw` does without.
fn more_allocations(what: String, bar: f64, allocated: &[Part]) -> Finding {
    let of = |part: Option<&Part>| part.map_or(f64::NAN, |part| part.value);
    let raw = of(allocated.iter().find(|part| part.name == "raw"));
    let parts = allocated.iter().map(|part| Part::new(part.name.clone(), part.value, "")).collect();
    Finding::at_most(what, of(allocated.first()) - raw, "", bar, parts)
}
