//! The rows: what is measured, and what it may cost at most.

mod admitting;
mod building;
mod calls;
mod compiling;
mod data;
mod first_open;
mod growth;
mod inspecting;
mod lookups;
mod opening;
mod refusing;
mod reopening;
mod sizes;
mod thousand;

pub(crate) use calls::kinds;

use std::path::PathBuf;

use crate::{
    Outcome,
    machine::Machine,
    plugins::Plugins,
    results::{Curve, Finding, Row},
    rounds::Effort,
};

/// What a row is given.
pub(crate) struct Bench {
    pub(crate) plugins: Plugins,
    pub(crate) effort: Effort,
    /// Whether measured instruction counts become the committed ones.
    pub(crate) accept: bool,
    /// The program that runs this, `cargo xtask`, as its tasks are measured, too.
    pub(crate) tasks: Option<PathBuf>,
}

/// What a row finds.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) findings: Vec<Finding>,
    pub(crate) curves: Vec<Curve>,
    pub(crate) notes: Vec<&'static str>,
}

type Measure = fn(&Bench) -> Outcome<Found>;

/// A new row is a line here.
const ROWS: &[(u8, &str, Measure)] = &[
    (1, "Calls with numbers", calls::numbers),
    (2, "Calls with text and buffers, borrowed and as FFI-safe types", data::shared),
    (3, "Calls that return `String` and `Vec`", data::copied),
    (4, "Methods that came later", calls::later),
    (5, "Further opens of distinct plugins", opening::further),
    (6, "First open in a fresh process", first_open::first),
    (7, "1,000 plugins in one process", thousand::thousand),
    (8, "Refusals", refusing::refusing),
    (9, "The same plugin again", reopening::reopening),
    (10, "Lookups", lookups::lookups),
    (11, "Inspecting many files", inspecting::inspecting),
    (12, "Admitting by digest", admitting::admitting),
    (13, "Size of a stripped plugin", sizes::sizes),
    (14, "Clean builds", building::clean),
    (15, "Builds after a change", building::again),
    (16, "Compile time of interfaces", compiling::compiling),
    (17, "Growth", growth::growth),
];

/// Measures the rows of these numbers, or all, and leaves their results.
pub(crate) fn measure(bench: &Bench, numbers: &[u8]) -> Outcome<()> {
    if let Some(unknown) = numbers.iter().find(|number| !ROWS.iter().any(|row| row.0 == **number)) {
        let known: Vec<String> = ROWS.iter().map(|row| row.0.to_string()).collect();
        return Err(format!("there is no row {unknown}; there are: {}", known.join(", ")).into());
    }
    for (number, title, measure) in ROWS {
        if !numbers.is_empty() && !numbers.contains(number) {
            continue;
        }
        eprintln!("row {number}: {title}");
        let Found { findings, curves, notes } = measure(bench)?;
        // Once is not measured.
        for finding in findings.iter().filter(|_| bench.effort == Effort::Full) {
            eprintln!("  {}", crate::report::line(finding));
        }
        let (title, machine) = ((*title).to_owned(), Machine::here());
        let notes = notes.into_iter().map(str::to_owned).collect();
        Row { number: *number, title, machine, findings, curves, notes }.write(&bench.results())?;
    }
    Ok(())
}

impl Bench {
    /// Where results go; those of a quick run are not mixed with others.
    pub(crate) fn results(&self) -> PathBuf {
        self.plugins.output().join(self.effort.of("results", "smoke"))
    }
}

/// Runs the part of a row that needs a process of its own.
pub(crate) fn child(plugins: &Plugins, part: &str, arguments: &str) -> Outcome<()> {
    match part {
        opening::OPENS => crate::child::answer(arguments, opening::opens),
        opening::PEER_OPENS => crate::child::answer(arguments, opening::peer_opens),
        first_open::FIRST => crate::child::answer(arguments, first_open::open),
        _ => Err(format!("there is no part {part} in {}", plugins.output().display()).into()),
    }
}
