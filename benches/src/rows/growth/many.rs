//! The smallest plugin, among many others in its process.

use std::{ffi::CString, fs, hint::black_box, mem::ManuallyDrop, path::PathBuf};

use libloading::Library;
use plugin_host::Host;
use serde::{Deserialize, Serialize};

use super::{Bench, Times, sized::by_another_compiler};
use crate::{
    Outcome, child, clock, copies,
    results::median,
    rounds::{Effort, case, interleave},
    rows::opening::{self, bare, root_symbol},
};

/// The part that opens many plugins, and then measures.
pub(in crate::rows) const AMONG: &str = "among";

/// The smallest plugin.
const SIZE: opening::Size = opening::Size::One;

#[derive(Serialize, Deserialize)]
pub(in crate::rows) struct Among {
    through_host: bool,
    effort: Effort,
    /// What is opened before anything is measured.
    first: Vec<PathBuf>,
    /// What is opened then.
    further: Vec<PathBuf>,
    refused: PathBuf,
    symbol: String,
}

/// Nanoseconds: of a further open, and, through the host, of the rest.
#[derive(Serialize, Deserialize)]
pub(in crate::rows) struct Measured {
    open: f64,
    others: Option<Others>,
}

#[derive(Serialize, Deserialize)]
struct Others {
    refuse: f64,
    verify: f64,
    hit: f64,
    miss: f64,
    dlsym: f64,
}

pub(super) fn measure(bench: &Bench, count: usize) -> Outcome<Times> {
    let scratch = bench.plugins.scratch()?;
    let library = bench.plugins.library(SIZE.package());
    let more = bench.effort.of(20, 2);
    let mut first = copies::renamed(&library, SIZE.package(), scratch.path(), count + more)?;
    let further = first.split_off(count);
    let refused = scratch.path().join("librefused.so");
    fs::write(&refused, by_another_compiler(&fs::read(&library)?))?;
    let symbol = root_symbol(&library)?;
    let part = |through_host| -> Outcome<Measured> {
        let (first, further, refused) = (first.clone(), further.clone(), refused.clone());
        let (effort, symbol) = (bench.effort, symbol.clone());
        child::run(&bench.plugins, AMONG, &Among { through_host, effort, first, further, refused, symbol })
    };
    let (ours, theirs) = (part(true)?, part(false)?);
    let others = ours.others.ok_or("nothing was measured but opens")?;
    for file in further.iter().chain([&refused]) {
        fs::remove_file(file)?;
    }
    // SAFETY: the directory holds copies of what was built from this repository.
    let host = unsafe { Host::trusting_dir(scratch.path()) }?;
    let mut times = Vec::new();
    for _ in 0..bench.effort.of(7, 1) {
        let (time, inspected) = clock::cpu(|| host.inspect_all());
        if inspected?.len() != count {
            return Err("a copy could not be inspected".into());
        }
        times.push(time / count as f64);
    }
    let Others { refuse, verify, hit, miss, dlsym } = others;
    let (open, bare_open) = (ours.open, theirs.open);
    Ok(Times { open, bare_open, refuse, inspect: median(times), verify, hit, miss, dlsym })
}

/// In a child.
pub(in crate::rows) fn among(
    Among { through_host, effort, first, further, refused, symbol }: Among,
) -> Outcome<Measured> {
    let file = further.last().ok_or("there are no files")?;
    let directory = file.parent().ok_or("the file has no directory")?;
    // SAFETY: the directory holds copies of what was built from this repository.
    let host = &unsafe { Host::trusting_dir(directory) }?;
    let name = CString::new(symbol)?;
    let open = |file: &PathBuf| if through_host { SIZE.open(host, file) } else { bare(file, &name) };
    first.iter().try_for_each(open)?;
    let mut times = Vec::new();
    for file in &further {
        let (time, opened) = clock::wall(|| open(file));
        opened?;
        times.push(time);
    }
    let open = median(times);
    if !through_host {
        return Ok(Measured { open, others: None });
    }
    if host.open(&refused).is_ok() {
        return Err("a plugin by another compiler was opened".into());
    }
    let (plugin, refused) = (&host.open(file)?, &refused);
    // SAFETY: the library is loaded already.
    let library = &ManuallyDrop::new(unsafe { Library::new(file) }?);
    let name = &name;
    let compared =
        interleave(effort, vec![case!("verify", host.verify(file)), case!("refuse", host.open(refused))]);
    let looked_up = interleave(
        effort,
        vec![
            case!("hit", plugin.lookup_fn::<fn(u64) -> u64>(black_box("double"))),
            case!("miss", plugin.lookup_fn::<fn(u64) -> u64>(black_box("treble"))),
            // SAFETY: this asks for the address only.
            case!("dlsym", unsafe { library.get::<*const ()>(black_box(name.to_bytes_with_nul())) }.is_ok()),
        ],
    );
    let [refuse, verify] = ["refuse", "verify"].map(|case| compared.of(case));
    let [hit, miss, dlsym] = ["hit", "miss", "dlsym"].map(|case| looked_up.of(case));
    Ok(Measured { open, others: Some(Others { refuse, verify, hit, miss, dlsym }) })
}
