//! Row 8: a plugin that does not fit, refused from the bytes of its file.

use std::{fs, io::Write, path::PathBuf};

use many_api::Many;
use plugin_core::Toolchain;
use plugin_host::Host;

use super::{
    Bench, Found,
    opening::{OPENS, Opened, Opens, Size, Through, root_symbol},
};
use crate::{
    Outcome, child,
    copies::{self, patch_descriptor},
    results::{Curve, Finding, Part, median},
    rounds::{Case, case, interleave},
};

/// What is appended to a file, so that the same plugin is larger; no loader looks there.
const PADDING: [(usize, &str); 3] = [(0, "as built"), (4 << 20, "and 4 MB"), (32 << 20, "and 32 MB")];

pub(super) fn refusing(bench: &Bench) -> Outcome<Found> {
    let scratch = bench.plugins.scratch()?;
    let other_compiler = other_compiler(bench, &scratch)?;
    let drifted = scratch.path().join("libdrifted.so");
    fs::copy(bench.plugins.library("drifted-of-a-thousand"), &drifted)?;
    // SAFETY: the directory holds copies of what was built from this repository.
    let host = &unsafe { Host::trusting_dir(scratch.path()) }?;

    let bare = bare(bench)?;
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
    let drifted = &drifted;
    cases.push(case!("drifted", host.open_root::<dyn Many>(drifted)));
    let compared = interleave(bench.effort, cases);

    let mut found = Found::default();
    for (what, which) in [
        ("another compiler, 1 function", "as built"),
        ("an interface of 50 methods that drifted 30 structs deep", "drifted"),
    ] {
        let time = compared.of(which);
        let parts = vec![Part::new("refusal", time / 1e3, "µs"), Part::new("bare dlopen", bare / 1e3, "µs")];
        found.findings.push(Finding::ratio(what, time / bare, 0.15, parts));
    }
    let ratio = compared.ratio("and 32 MB", "as built");
    found.findings.push(Finding::ratio("32 MB more in the file", ratio, 1.10, compared.parts()));
    let points = PADDING.iter().map(|(more, name)| (*more as f64 / 1e6, compared.of(name) / 1e3));
    found.curves.push(Curve {
        name: "refuse".to_owned(),
        of: "MB in the file".to_owned(),
        unit: "µs".to_owned(),
        points: points.collect(),
    });
    found.notes.push("Refusing computes every reason and its words, which nobody has asked for yet.");
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

/// A bare open of a plugin of the same size.
fn bare(bench: &Bench) -> Outcome<f64> {
    let size = Size::One;
    let library = bench.plugins.library(size.package());
    let scratch = bench.plugins.scratch()?;
    let files = copies::renamed(&library, size.package(), scratch.path(), bench.effort.of(60, 2))?;
    let symbol = root_symbol(&library)?;
    let arguments = Opens { size, through_host: Through::None, files, symbol };
    let opened: Opened = child::run(&bench.plugins, OPENS, &arguments)?;
    Ok(median(opened.opens.into_iter().map(|(_, time)| time).collect()))
}
