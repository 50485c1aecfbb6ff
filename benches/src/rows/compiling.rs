//! Row 16: what the macros and the constants that they make cost in compile time.

use std::{fs, path::Path};

use super::{Bench, Found};
use crate::{
    Outcome, clock,
    generate::{self, Kind, Size},
    plugins::cargo,
    results::{Curve, Finding, Part, median},
    rounds::Effort,
};

pub(super) fn compiling(bench: &Bench) -> Outcome<Found> {
    let scratch = bench.plugins.scratch()?;
    let build = |kind, size: Size| -> Outcome<f64> {
        let name = format!("generated-{}", size.types);
        let manifest = generate::write(scratch.path(), &name, kind, size, bench.plugins.repository())?;
        // A thousand types take a while, and so are measured well enough by one run.
        let runs = bench.effort.of(if size.types > 100 { 1 } else { 3 }, 0);
        compile_time(bench, &manifest, runs)
    };
    let size = bench
        .effort
        .of(Size { types: 100, methods: 50, functions: 0 }, Size { types: 4, methods: 2, functions: 0 });
    let (with, without) = (build(Kind::Interface, size)?, build(Kind::Plain, size)?);
    let parts = vec![Part::new("interface", with, "s"), Part::new("the same without macros", without, "s")];
    let mut found = Found::default();
    found.findings.push(Finding::at_most(
        "an interface of 50 methods and 100 types, over the same without macros",
        with - without,
        "s",
        1.5,
        parts,
    ));

    let mut points = Vec::new();
    for types in bench.effort.of([1, 10, 100, 1000], [1, 2, 4, 8]) {
        // As many methods as mention every type.
        let size = Size { types, methods: types, functions: 1 };
        let more = build(Kind::Plugin, size)? - build(Kind::Plain, size)?;
        points.push((types as f64, more));
    }
    if let [.., (fewer, less), (most, more)] = points.as_slice() {
        let growth = (more / less) / (most / fewer);
        let parts = points.iter().map(|(types, time)| Part::new(format!("{types} types"), *time, "s"));
        let what = "growth of a plugin's compile time, against that of its types and methods";
        found.findings.push(Finding::ratio(what, growth, 1.0, parts.collect()));
    }
    found.curves.push(Curve {
        name: "macros, layouts and descriptor".to_owned(),
        of: "types and methods".to_owned(),
        unit: "s".to_owned(),
        points,
    });
    Ok(found)
}

/// Seconds in which a crate is compiled whose dependencies are.
fn compile_time(bench: &Bench, manifest: &Path, runs: u32) -> Outcome<f64> {
    // Unoptimised and from scratch; a quick run takes the profile in which plugin-core is there already.
    let (profile, target) = match bench.effort {
        Effort::Full => ("dev", bench.plugins.output().join("build-dev")),
        Effort::Smoke => ("release", bench.plugins.built()),
    };
    let whole = "profile.dev.incremental=false";
    let arguments = ["build", "--lib", "--offline", "--profile", profile, "--config", whole];
    let source = manifest.with_file_name("src").join("lib.rs");
    let mut times = Vec::new();
    // The first one builds what it depends on, too.
    for run in 0..=runs {
        let text = fs::read_to_string(&source)?;
        fs::write(&source, format!("{text}// {run}\n"))?;
        let (time, built) = clock::wall(|| cargo(&arguments, manifest, &target));
        built?;
        times.push(time / 1e9);
    }
    if times.len() > 1 {
        times.remove(0);
    }
    Ok(median(times))
}
