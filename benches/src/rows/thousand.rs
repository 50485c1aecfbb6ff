//! Row 7: a thousand plugins in one process.

use super::{
    Bench, Found,
    opening::{OPENS, Opened, Opens, Size, Through, curve, root_symbol},
};
use crate::{
    Outcome, child, copies,
    results::{Finding, Part, median},
};

const RUNS: usize = 5;

pub(super) fn thousand(bench: &Bench) -> Outcome<Found> {
    let size = Size::One;
    let library = bench.plugins.library(size.package());
    let scratch = bench.plugins.scratch()?;
    let count = bench.effort.of(1000, 20);
    let files = copies::renamed(&library, size.package(), scratch.path(), count)?;
    let symbol = root_symbol(&library)?;
    let part = |through_host| -> Outcome<Opened> {
        let arguments = Opens { size, through_host, files: files.clone(), symbol: symbol.clone() };
        child::run(&bench.plugins, OPENS, &arguments)
    };
    let last = count / 10;
    let of_last = |opened: &Opened| median(opened.opens.iter().rev().take(last).map(|open| open.1).collect());
    let mut found = Found::default();
    let (mut ours, mut bare, mut ratios, mut memory, mut bare_memory) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for run in 0..bench.effort.of(RUNS, 1) {
        let (through_host, alone) = (part(Through::All)?, part(Through::None)?);
        ours.push(of_last(&through_host));
        bare.push(of_last(&alone));
        ratios.push(of_last(&through_host) / of_last(&alone));
        memory.push(through_host.anonymous as f64 / count as f64 / 1024.0);
        bare_memory.push(alone.anonymous as f64 / count as f64 / 1024.0);
        if run == 0 {
            found.curves.push(curve("open", &through_host.opens, last));
            found.curves.push(curve("bare dlopen", &alone.opens, last));
        }
    }
    found.findings.push(Finding::ratio(
        "the last hundred opens",
        median(ratios),
        1.20,
        vec![Part::new("this", median(ours) / 1e3, "µs"), Part::new("bare", median(bare) / 1e3, "µs")],
    ));
    found.findings.push(Finding::at_most(
        "anonymous memory of a plugin",
        median(memory),
        "kB",
        32.0,
        vec![Part::new("bare", median(bare_memory), "kB")],
    ));
    Ok(found)
}
