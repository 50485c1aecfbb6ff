//! The rows: what is measured, and what it may cost at most.

mod admitting;
mod building;
mod calls;
mod compiling;
mod data;
mod first_open;
mod growth;
mod inspecting;
mod known;
mod lookups;
mod opening;
mod refusing;
mod reopening;
mod sizes;
mod thousand;

pub(crate) use calls::kinds;
pub(crate) use data::kinds as data_kinds;
use known::Known;
pub(crate) use known::ROWS;

use std::{
    cell::RefCell,
    panic::{self, AssertUnwindSafe},
    path::PathBuf,
    time::Instant,
};

use crate::{
    Outcome,
    machine::Machine,
    plugins::Plugins,
    results::{Finding, Plot, Row},
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
    /// What does not hold in the row that is being measured, although it can be measured to its end.
    pub(crate) failed: RefCell<Vec<String>>,
}

/// What a row finds.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) findings: Vec<Finding>,
    pub(crate) plots: Vec<Plot>,
    pub(crate) notes: Vec<&'static str>,
}

type Measure = fn(&Bench) -> Outcome<Found>;

/// Measures the rows of these numbers, or all, and leaves their results. Returns what failed: the other rows have theirs.
pub(crate) fn measure(bench: &Bench, numbers: &[u8]) -> Outcome<Vec<String>> {
    if let Some(unknown) = numbers.iter().find(|number| !ROWS.iter().any(|row| row.number == **number)) {
        let known: Vec<String> = ROWS.iter().map(|row| row.number.to_string()).collect();
        return Err(format!("there is no row {unknown}; there are: {}", known.join(", ")).into());
    }
    let mut failed = Vec::new();
    for Known { number, title, about: _, measure } in ROWS {
        if !numbers.is_empty() && !numbers.contains(number) {
            continue;
        }
        eprintln!("row {number}: {title}");
        let start = Instant::now();
        let found = panic::catch_unwind(AssertUnwindSafe(|| measure(bench)));
        let found =
            found.unwrap_or_else(|_| Err("it panicked, as said above".into())).unwrap_or_else(|error| {
                bench.failed.borrow_mut().push(error.to_string());
                Found::default()
            });
        let seconds = start.elapsed().as_secs_f64();
        let Found { findings, plots, notes } = found;
        // Once is not measured.
        for finding in findings.iter().filter(|_| bench.effort == Effort::Full) {
            eprintln!("  {}", crate::report::line(finding));
            if finding.is_missed() && finding.why.is_none() {
                bench.failed.borrow_mut().push(format!("{} is missed, and nothing says why", finding.what));
            }
        }
        eprintln!("  took {seconds:.1} s");
        let broken = bench.failed.take();
        failed.extend(broken.iter().map(|why| format!("row {number}: {why}")));
        let (title, machine) = ((*title).to_owned(), Machine::here());
        let notes = notes.into_iter().map(str::to_owned).collect();
        Row { number: *number, title, machine, findings, plots, notes, failed: broken, seconds }
            .write(&bench.results())?;
    }
    Ok(failed)
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
        growth::AMONG => crate::child::answer(arguments, growth::among),
        refusing::BESIDE_BARE => crate::child::answer(arguments, refusing::beside_bare),
        _ => Err(format!("there is no part {part} in {}", plugins.output().display()).into()),
    }
}
