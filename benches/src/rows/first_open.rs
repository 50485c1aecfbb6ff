//! Row 6: the first open of a process, which also pays for what a process does once.

use std::{ffi::CString, path::PathBuf};

use plugin_host::Host;
use serde::{Deserialize, Serialize};

use super::{
    Bench, Found,
    opening::{Size, bare, root_symbol},
};
use crate::{
    Outcome, child, clock,
    results::{Finding, Part, median},
};

/// The part that opens one file.
pub(super) const FIRST: &str = "first";

#[derive(Serialize, Deserialize)]
pub(super) struct First {
    size: Size,
    through_host: bool,
    file: PathBuf,
    symbol: String,
}

/// In a child: nanoseconds, the making of the host included.
pub(super) fn open(First { size, through_host, file, symbol }: First) -> Outcome<f64> {
    let symbol = CString::new(symbol)?;
    let directory = file.parent().ok_or("the file has no directory")?.to_owned();
    let (time, opened) = clock::wall(|| {
        if through_host {
            // SAFETY: the directory holds what was built from this repository.
            let host = unsafe { Host::trusting_dir(&directory) }?;
            size.open(&host, &file)
        } else {
            bare(&file, &symbol)
        }
    });
    opened?;
    Ok(time)
}

/// Beside what row 5 says.
const WHY: &str = "what row 5 says of an open is not in any cache yet: the same 110,000 to 140,000 instructions take some three times as \
long, and seventeen more pages are touched for the first time than by a bare open, of the program's code, of its stack and of its heap, at 0.7 µs each. The making of the host is 10 \
µs of it: the trusted directory and all that it lies in are resolved, and their owners and modes judged, a call of the \
system each. What the process asks for only once is gone: the number of processors and the kernel's barriers \
(90 µs, for a map whose memory is reclaimed by epochs), and the environment of its start (15 µs).";

pub(super) fn first(bench: &Bench) -> Outcome<Found> {
    let mut found = Found::default();
    for (what, size) in [("1 function", Size::One), ("50 methods, 30 nested structs", Size::Many)] {
        let file = bench.plugins.library(size.package());
        let symbol = root_symbol(&file)?;
        let (mut ours, mut alone, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for pair in 0..bench.effort.of(61, 1) {
            let part = |through_host| -> Outcome<f64> {
                let arguments = First { size, through_host, file: file.clone(), symbol: symbol.clone() };
                child::run(&bench.plugins, FIRST, &arguments)
            };
            let (one, other) = child::by_turns(pair, || part(true), || part(false))?;
            ours.push(one);
            alone.push(other);
            ratios.push(one / other);
        }
        let parts = vec![
            Part::new("this, with the making of the host", median(ours) / 1e3, "µs"),
            Part::new("bare dlopen and dlsym of the same file", median(alone) / 1e3, "µs"),
        ];
        found.findings.push(Finding::ratio(what, median(ratios), 1.35, parts).why(WHY));
    }
    Ok(found)
}
