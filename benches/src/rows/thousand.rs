//! Row 7: a thousand plugins in one process.

use super::{
    Bench, Found,
    opening::{OPENS, Opened, Opens, Size, Through, root_symbol},
};
use crate::{
    Outcome, child, copies,
    results::{Curve, Finding, Part, Plot, median},
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
    let mut runs = Vec::new();
    for run in 0..bench.effort.of(RUNS, 1) {
        let (through_host, alone) = child::by_turns(run, || part(Through::All), || part(Through::None))?;
        ours.push(of_last(&through_host));
        bare.push(of_last(&alone));
        ratios.push(of_last(&through_host) / of_last(&alone));
        memory.push(through_host.anonymous as f64 / count as f64 / 1024.0);
        bare_memory.push(alone.anonymous as f64 / count as f64 / 1024.0);
        runs.push((through_host.opens, alone.opens));
    }
    let parts =
        vec![Part::new("this", median(ours) / 1e3, "µs"), Part::new("bare", median(bare) / 1e3, "µs")];
    let why = "an open takes as much longer than a bare one as in row 5, whether it is the first or the thousandth; what grows with the number of plugins is the loader's, for both alike.";
    found.findings.push(Finding::ratio("the last hundred opens", median(ratios), 1.20, parts).why(why));
    found.findings.push(Finding::at_most(
        "anonymous memory of a plugin",
        median(memory),
        "kB",
        32.0,
        vec![Part::new("bare", median(bare_memory), "kB")],
    ));
    let (through_host, alone): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
    found.plots.push(Plot {
        file: "thousand".to_owned(),
        title: "An open among the plugins that are open already".to_owned(),
        caption: "One process opens a thousand distinct plugins of one function each: through the host, and, another process, bare. Each point is the median of a hundred opens in a row.".to_owned(),
        of: "plugins in the process".to_owned(),
        what: "time of one more open".to_owned(),
        unit: "µs".to_owned(),
        curves: vec![
            Curve { name: "this".to_owned(), peer_of: None, points: steps(&through_host, last) },
            Curve { name: "bare dlopen and dlsym".to_owned(), peer_of: Some(0), points: steps(&alone, last) },
        ],
    });
    Ok(found)
}

/// The medians of so many opens at a time, of all runs together, in microseconds.
fn steps(runs: &[Vec<(bool, f64)>], step: usize) -> Vec<(f64, f64)> {
    let count = runs.first().map_or(0, Vec::len);
    let of = |start: usize| {
        let opens = runs.iter().flat_map(|opens| opens.iter().skip(start).take(step));
        ((start + step) as f64, median(opens.map(|(_, time)| time / 1e3).collect()))
    };
    (0..count).step_by(step.max(1)).map(of).collect()
}
