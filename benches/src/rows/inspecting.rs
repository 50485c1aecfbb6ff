//! Row 11: reading what thousands of plugin files say about themselves.

use std::{fs, thread, time::Duration};

use plugin_host::{Host, Index, Inspected};

use super::{Bench, Found, opening::Size};
use crate::{
    Outcome, clock, copies,
    results::{Finding, median},
};

/// Why a file may take longer than its bar.
const READING: &str = "It is the system that takes the time: to ask for the status of the path, open and close the file, ask for its status and read two parts of it takes some 4 µs where the kernel has the names at hand, as for one file again and again, and twice that over ten thousand names. What is left to this crate is 2 to 3 µs, half of it the checks of the object file. Tried: no resolving of a path in which the system finds no link; one read of 4 kB for headers, notes and names; no read for what is in it; no allocation for names of processors.";

/// Why one that is only looked up may.
const ASKING: &str = "Three quarters are the system's, for the listing and one `statx` a file, which nobody can leave out who wants to know whether the file has changed. This crate's part is 0.4 µs a file, half of it allocations for names and paths, a quarter their order. Tried: looking into the table of the index in place of making a map of it (0.9 µs before).";

/// Links of each copy: ten thousand files of their own would be three gigabytes.
const LINKS: usize = 10;

pub(super) fn inspecting(bench: &Bench) -> Outcome<Found> {
    let size = Size::One;
    let scratch = bench.plugins.scratch()?;
    let library = bench.plugins.library(size.package());
    let mut files = Vec::new();
    for file in copies::renamed(&library, size.package(), scratch.path(), bench.effort.of(1000, 2))? {
        for link in 1..LINKS {
            let to = file.with_extension(format!("{link}.so"));
            fs::hard_link(&file, &to)?;
            files.push(to);
        }
        files.push(file);
    }
    let mut times = Vec::new();
    for _ in 0..bench.effort.of(7, 1) {
        let (time, read) = clock::wall(|| files.iter().filter(|file| Inspected::read(file).is_ok()).count());
        if read != files.len() {
            return Err("a copy could not be inspected".into());
        }
        times.push(time / files.len() as f64 / 1e3);
    }
    let what = format!("each of {} files, warm", files.len());
    let kept = by_index(bench, &scratch, files.len())?;
    let mut found = Found::default();
    found.findings.push(Finding::at_most(what, median(times), "µs", 8.0, Vec::new()).why(READING));
    let what = "each of them by an index of the last start";
    found.findings.push(Finding::at_most(what, kept, "µs", 1.5, Vec::new()).why(ASKING));
    found.notes.push("A thousand copies with ten names each.");
    Ok(found)
}

/// Microseconds for each file that an index knows, the reading of the index included.
fn by_index(bench: &Bench, scratch: &tempfile::TempDir, files: usize) -> Outcome<f64> {
    // SAFETY: the directory holds copies of what was built from this repository.
    let host = unsafe { Host::trusting_dir(scratch.path()) }?;
    let place = bench.plugins.scratch()?;
    let place = place.path().join("index");
    // Files that have just been written are not kept: a change in the same moment would not show.
    thread::sleep(bench.effort.of(Duration::from_secs(3), Duration::ZERO));
    let mut index = Index::open(&place);
    host.inspect_all_with(&mut index)?;
    index.save()?;
    let mut times = Vec::new();
    for _ in 0..bench.effort.of(7, 1) {
        let (time, found) = clock::wall(|| host.inspect_all_with(&mut Index::open(&place)));
        if found?.len() != files {
            return Err("the index does not have every file".into());
        }
        times.push(time / files as f64 / 1e3);
    }
    Ok(median(times))
}
