//! One comparison: what it has found so far, and how much more it may do.

use core::fmt::Display;
use std::collections::{HashMap, HashSet};

use super::{Mismatch, Note, path::Path};
use crate::descriptor::{Descriptor, InterfaceEntry, Member};

/// More mismatches than that repair no build.
const MAX_MISMATCHES: usize = 64;
/// More notes than that nobody reads.
const MAX_NOTES: usize = 64;
/// Types and members looked at: some ten times what the largest descriptor that the encoder writes needs.
const MAX_STEPS: usize = 400_000;
/// How deep types and supertraits nest. Deeper ones have fingerprints still, so nothing slips through.
const MAX_DEPTH: usize = 96;

pub(super) struct Comparison<'c> {
    pub(super) host: &'c Descriptor<'c>,
    pub(super) plugin: &'c Descriptor<'c>,
    found: Vec<Mismatch>,
    notes: Vec<Note>,
    /// Found, dropped ones included.
    reports: usize,
    /// How often two types turned out to fit without being equal, and to be in comparison already.
    grown: usize,
    open: usize,
    pairs: HashMap<(u32, u32), Verdict>,
    interfaces: HashSet<(usize, usize, bool)>,
    /// Whether what is compared may be passed either way, so that each side may call the other.
    pub(super) is_mutual: bool,
    /// Whether nobody asked what differs, but only whether anything does.
    is_wordless: bool,
    depth: usize,
    steps: usize,
}

/// The counters at one moment.
#[derive(Clone, Copy)]
pub(super) struct SoFar {
    reports: usize,
    grown: usize,
    open: usize,
}

/// What came of comparing two types.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Fits,
    /// They differ in what one of them has behind the end of the other, and that fits.
    Grown,
    /// Something was reported, here or where the two met first.
    Reported,
    /// The two are being compared further up: only a forged descriptor has such cycles.
    Open,
}

impl<'c> Comparison<'c> {
    pub(super) fn new(host: &'c Descriptor<'c>, plugin: &'c Descriptor<'c>) -> Self {
        Self {
            host,
            plugin,
            found: Vec::new(),
            notes: Vec::new(),
            reports: 0,
            grown: 0,
            open: 0,
            pairs: HashMap::new(),
            interfaces: HashSet::new(),
            is_mutual: false,
            is_wordless: false,
            depth: 0,
            steps: MAX_STEPS,
        }
    }

    /// A comparison that ends at the first difference that matters, and says nothing of it.
    pub(super) fn without_words(host: &'c Descriptor<'c>, plugin: &'c Descriptor<'c>) -> Self {
        Self { is_wordless: true, ..Self::new(host, plugin) }
    }

    /// Whether it ended before it saw everything.
    pub(super) const fn is_over(&self) -> bool {
        self.steps == 0
    }

    /// Whether everything was compared, and fits.
    pub(super) const fn has_fitted(&self) -> bool {
        self.reports == 0 && !self.is_over()
    }

    pub(super) fn report(&mut self, path: &Path<'_>, expected: impl Display, found: impl Display) {
        self.report_with(path, expected, found, "");
    }

    pub(super) fn report_with(
        &mut self,
        path: &Path<'_>,
        expected: impl Display,
        found: impl Display,
        advice: impl Display,
    ) {
        if self.is_wordless {
            self.steps = 0;
        } else if self.found.len() < MAX_MISMATCHES {
            let (expected, mut found) = (expected.to_string(), found.to_string());
            if expected == found {
                // Names longer than is shown: what is not shown differs.
                found.push_str(", which only reads the same");
            }
            self.found.push(Mismatch { path: path.to_string(), expected, found, advice: advice.to_string() });
        } else {
            self.steps = 0;
        }
        self.reports += 1;
    }

    /// Notes what differs and fits. What is beyond the most that anybody reads is dropped.
    pub(super) fn note(&mut self, path: &Path<'_>, reason: impl Display, advice: impl Display) {
        if !self.is_wordless && self.notes.len() < MAX_NOTES {
            let (path, reason, advice) = (path.to_string(), reason.to_string(), advice.to_string());
            self.notes.push(Note { path, reason, advice });
        }
    }

    /// The notes so far.
    pub(super) fn take_notes(&mut self) -> Vec<Note> {
        core::mem::take(&mut self.notes)
    }

    /// How many were reported: more than before means that something was.
    pub(super) const fn reports(&self) -> usize {
        self.reports
    }

    /// Takes from what the comparison may still do; `false` ends it, and [`finish`](Self::finish) says so.
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_sub(steps);
        self.steps > 0
    }

    /// [`spend`](Self::spend) for looking at members by name.
    pub(super) fn spend_on(&mut self, members: &[Member<'_>]) -> bool {
        members.iter().all(|member| self.spend(1 + member.name.len() / 64))
    }

    /// Goes down one level, unless that is too deep.
    pub(super) const fn descend(&mut self) -> bool {
        let may = self.depth < MAX_DEPTH;
        self.depth += may as usize;
        may
    }

    /// Comes back up.
    pub(super) const fn ascend(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// What came of the two types when they met before.
    pub(super) fn verdict(&mut self, host: u32, plugin: u32) -> Option<Verdict> {
        let verdict = self.pairs.get(&(host, plugin)).copied()?;
        self.count(verdict);
        Some(verdict)
    }

    /// Notes that two types fit without being equal, as a reason why what holds them is not equal, either.
    pub(super) fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Grown => self.grown += 1,
            Verdict::Open => self.open += 1,
            Verdict::Fits | Verdict::Reported => {}
        }
    }

    /// What has been found up to here.
    pub(super) const fn so_far(&self) -> SoFar {
        SoFar { reports: self.reports, grown: self.grown, open: self.open }
    }

    /// Whether anything was reported since then.
    pub(super) const fn has_reported(&self, before: SoFar) -> bool {
        self.reports > before.reports
    }

    /// Whether, since then, something was found to have grown, and nothing that would explain a difference otherwise.
    pub(super) const fn has_only_grown(&self, before: SoFar) -> bool {
        self.grown > before.grown && self.open == before.open && self.reports == before.reports
    }

    pub(super) fn judge(&mut self, host: u32, plugin: u32, verdict: Verdict) -> Verdict {
        self.pairs.insert((host, plugin), verdict);
        verdict
    }

    /// Whether these two interfaces meet for the first time. Entries have no number; each has one address.
    pub(super) fn meet(&mut self, host: &InterfaceEntry<'_>, plugin: &InterfaceEntry<'_>) -> bool {
        let address = |entry| core::ptr::from_ref::<InterfaceEntry<'_>>(entry).addr();
        self.interfaces.insert((address(host), address(plugin), self.is_mutual))
    }

    /// What was found; `advice` is given where nothing better was said.
    pub(super) fn finish(mut self, advice: &str) -> Vec<Mismatch> {
        for mismatch in &mut self.found {
            if mismatch.advice.is_empty() {
                advice.clone_into(&mut mismatch.advice);
            }
        }
        if self.steps == 0 {
            let (expected, found) = match self.reports > MAX_MISMATCHES {
                true => (format!("at most {MAX_MISMATCHES} differences"), "more"),
                false => ("types that can be compared in reasonable time".to_owned(), "larger ones"),
            };
            self.found.push(Mismatch {
                path: String::new(),
                expected,
                found: found.to_owned(),
                advice: advice.to_owned(),
            });
        }
        self.found
    }
}
