//! Row 11: reading what thousands of plugin files say about themselves.

use std::fs;

use plugin_host::Inspected;

use super::{Bench, Found, opening::Size};
use crate::{
    Outcome, clock, copies,
    results::{Finding, median},
};

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
    let mut found = Found::default();
    found.findings.push(Finding::at_most(what, median(times), "µs", 8.0, Vec::new()));
    found.notes.push("A thousand copies with ten names each.");
    Ok(found)
}
