//! Row 8: a plugin that does not fit, refused from the bytes of its file.

use std::{
    ffi::CString,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use many_api::Many;
use plugin_core::Toolchain;
use plugin_host::Host;
use serde::{Deserialize, Serialize};

use super::{
    Bench, Found,
    opening::{Size, bare, root_symbol},
};
use crate::{
    Outcome, child, clock,
    copies::{self, patch_descriptor},
    results::{Finding, Part, median},
    rounds::{Case, case, interleave},
};

/// The package of the plugin whose interface is in another state.
const DRIFTED: &str = "drifted-of-a-thousand";

/// What is appended to a file, so that the same plugin is larger; no loader looks there.
const PADDING: [(usize, &str); 3] = [(0, "as built"), (4 << 20, "and 4 MB"), (32 << 20, "and 32 MB")];

/// Why a refusal may take longer than its bar.
const SYSTEM_CALLS: &str = "4.5 µs are the system's, as much as the bar: to ask for the status of the path, of the open file and of its directory, and to open, read and close it, as row 5 has it. The rest is spread over some sixty allocations and small checks, none above 3 %. One refusal after the other takes 6.2 µs; between two bare opens, as here, the caches have to be filled again. A drifted interface takes 1.4 µs more in a row, and here, where each file is refused once, 7: its 15 kB of descriptor are kept until somebody asks for the reasons, in fresh memory, whose four pages fault. Its types are not looked at. Tried: who built a plugin is judged before the loader's instructions in the file are read; reasons and words are left to whoever asks; memory that is read into is not zeroed before.";

pub(super) fn refusing(bench: &Bench) -> Outcome<Found> {
    let scratch = bench.plugins.scratch()?;
    let other_compiler = other_compiler(bench, &scratch)?;
    let drifted = scratch.path().join("libdrifted.so");
    fs::copy(bench.plugins.library(DRIFTED), &drifted)?;
    // SAFETY: the directory holds copies of what was built from this repository.
    let host = &unsafe { Host::trusting_dir(scratch.path()) }?;

    let mut cases: Vec<Case<'_>> = Vec::new();
    for (file, (_, name)) in other_compiler.iter().zip(PADDING) {
        if host.open(file).is_ok() {
            return Err("a plugin by another compiler was opened".into());
        }
        cases.push(case!(name, host.open(file)));
    }
    if host.open_root::<dyn Many>(&drifted).is_ok() {
        return Err("a drifted plugin was opened".into());
    }
    let (drifted, first) = (&drifted, other_compiler.first().ok_or("there are no files")?);
    cases.push(case!("drifted", host.open_root::<dyn Many>(drifted)));
    let compared = interleave(bench.effort, cases);

    let mut found = Found::default();
    for (what, size, file, name) in [
        ("another compiler, 1 function", Size::One, first, Size::One.package()),
        ("an interface of 50 methods that drifted 30 structs deep", Size::Many, drifted, DRIFTED),
    ] {
        let (refusal, bare, ratio) = against_bare(bench, size, file, name)?;
        let parts = vec![
            Part::new("refusal", refusal / 1e3, "µs"),
            Part::new("bare dlopen and dlsym of the same file", bare / 1e3, "µs"),
        ];
        found.findings.push(Finding::ratio(what, ratio, 0.15, parts).why(SYSTEM_CALLS));
    }
    let ratio = compared.ratio("and 32 MB", "as built");
    found.findings.push(Finding::ratio("32 MB more in the file", ratio, 1.10, compared.parts()));
    Ok(found)
}

/// Copies of a plugin that says that another compiler built it.
fn other_compiler(bench: &Bench, scratch: &tempfile::TempDir) -> Outcome<Vec<PathBuf>> {
    let bytes = fs::read(bench.plugins.library(Size::One.package()))?;
    let release = Toolchain::CURRENT.rustc_release.as_bytes();
    let other = vec![b'0'; release.len()];
    let patched = patch_descriptor(&bytes, release, &other);
    let mut files = Vec::new();
    for (more, _) in PADDING {
        let path = scratch.path().join(format!("libother_{more}.so"));
        let mut file = fs::File::create(&path)?;
        file.write_all(&patched)?;
        file.write_all(&vec![0; more])?;
        files.push(path);
    }
    Ok(files)
}

/// Nanoseconds of a refusal and of a bare open, and their ratio: copies of one file, each by both ways in one process.
fn against_bare(bench: &Bench, size: Size, file: &Path, name: &str) -> Outcome<(f64, f64, f64)> {
    let scratch = bench.plugins.scratch()?;
    let count = bench.effort.of(60, 2);
    let files = copies::renamed(file, name, scratch.path(), count)?;
    let symbol = root_symbol(file)?;
    let (mut refusals, mut bare, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..bench.effort.of(5, 1) {
        let arguments = Refusals { size, files: files.clone(), symbol: symbol.clone(), bare_first: run };
        let times: Vec<(f64, f64)> = child::run(&bench.plugins, BESIDE_BARE, &arguments)?;
        for (refused, opened) in times.into_iter().skip(count / 8) {
            refusals.push(refused);
            bare.push(opened);
            ratios.push(refused / opened);
        }
    }
    Ok((median(refusals), median(bare), median(ratios)))
}

/// The part that refuses files, and opens each bare.
pub(super) const BESIDE_BARE: &str = "refuse-beside-bare";

#[derive(Serialize, Deserialize)]
pub(super) struct Refusals {
    size: Size,
    files: Vec<PathBuf>,
    symbol: String,
    /// The first of the files, modulo two, that are opened bare before they are refused.
    bare_first: usize,
}

/// In a child: nanoseconds of the refusal and of the bare open of each file. A refused file is not in the process, so that both
/// can be had there.
pub(super) fn beside_bare(
    Refusals { size, files, symbol, bare_first }: Refusals,
) -> Outcome<Vec<(f64, f64)>> {
    let directory = files.first().and_then(|file| file.parent()).ok_or("there are no files")?;
    // SAFETY: the directory holds copies of what was built from this repository.
    let host = unsafe { Host::trusting_dir(directory) }?;
    let symbol = CString::new(symbol)?;
    let refuse = |file: &PathBuf| match clock::wall(|| size.open(&host, file)) {
        (time, Err(_)) => Ok(time),
        (_, Ok(())) => Err(format!("{} was opened", file.display())),
    };
    let open = |file: &PathBuf| -> Outcome<f64> {
        let (time, opened) = clock::wall(|| bare(file, &symbol));
        opened?;
        Ok(time)
    };
    let mut times = Vec::with_capacity(files.len());
    for (place, file) in files.iter().enumerate() {
        times.push(if place % 2 == bare_first % 2 {
            let opened = open(file)?;
            (refuse(file)?, opened)
        } else {
            (refuse(file)?, open(file)?)
        });
    }
    Ok(times)
}
