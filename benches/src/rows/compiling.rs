//! Row 16: what the macros and the constants that they make cost in compile time.

use std::{fs, path::PathBuf};

use super::{Bench, Found};
use crate::{
    Outcome, clock,
    generate::{self, Kind, Size},
    plugins::cargo,
    results::{Finding, Part, median},
    rounds::Effort,
};

/// Why the growth may seem to be more than linear.
const NOISE: &str =
    "two compilations of the same differ by some 3 %; row 17 has the growth of each by itself, from several.";

pub(super) fn compiling(bench: &Bench) -> Outcome<Found> {
    let compiler = Compiler::new(bench)?;
    let size =
        bench.effort.of(Size { types: 100, methods: 50, functions: 0 }, Size { functions: 0, ..Size::ONE });
    let (with, without) = (compiler.seconds(Kind::Interface, size)?, compiler.seconds(Kind::Plain, size)?);
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
    for types in bench.effort.of(&[1, 10, 100, 1000][..], &[1, 2]) {
        // As many methods as mention every type.
        let size = Size { types: *types, methods: *types, functions: 1 };
        points.push((*types as f64, compiler.added_seconds(size)?));
    }
    if let [.., (fewer, less), (most, more)] = points.as_slice() {
        let growth = (more / less) / (most / fewer);
        let parts =
            points.iter().map(|(types, time)| Part::new(format!("{types} types and methods"), *time, "s"));
        let what = "growth of a plugin's compile time, against that of its types and methods";
        found.findings.push(Finding::ratio(what, growth, 1.0, parts.collect()).why(NOISE));
    }
    found.notes.push("Row 17 has the growth by types, methods and functions, each for itself.");
    Ok(found)
}

/// Compiles generated crates, whose dependencies are compiled already.
pub(super) struct Compiler<'a> {
    bench: &'a Bench,
    directory: PathBuf,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(bench: &'a Bench) -> Outcome<Self> {
        let compiler = Self { bench, directory: bench.plugins.output().join("compiled") };
        // The first one builds what it depends on, too.
        compiler.seconds(Kind::Plugin, Size::ONE)?;
        Ok(compiler)
    }

    /// Seconds that a plugin takes more than the same types and trait without any macro.
    pub(super) fn added_seconds(&self, size: Size) -> Outcome<f64> {
        Ok(self.seconds(Kind::Plugin, size)? - self.seconds(Kind::Plain, size)?)
    }

    /// Seconds in which a crate is compiled.
    fn seconds(&self, kind: Kind, size: Size) -> Outcome<f64> {
        let name = match kind {
            Kind::Plain => "plain",
            Kind::Interface => "interface",
            Kind::Plugin => "plugin",
            Kind::Bare => "bare",
        };
        let repository = self.bench.plugins.repository();
        let manifest = generate::write(&self.directory, &format!("{name}-{size}"), kind, size, repository)?;
        // Unoptimised and from scratch; a quick run takes the profile in which plugin-core is there already.
        let (profile, target) = match self.bench.effort {
            Effort::Full => ("dev", self.bench.plugins.output().join("build-dev")),
            Effort::Smoke => ("release", self.bench.plugins.built()),
        };
        let whole = "profile.dev.incremental=false";
        let arguments = ["build", "--lib", "--offline", "--profile", profile, "--config", whole];
        let source = manifest.with_file_name("src").join("lib.rs");
        let large = size.types.max(size.methods).max(size.functions) > 100;
        let mut times = Vec::new();
        // A thousand take a while, and so are measured well enough by one run.
        for run in 0..self.bench.effort.of(if large { 1 } else { 3 }, 1) {
            let text = fs::read_to_string(&source)?;
            fs::write(&source, format!("{text}// {run}\n"))?;
            let (time, built) = clock::wall(|| cargo(&arguments, &manifest, &target));
            built?;
            times.push(time / 1e9);
        }
        Ok(median(times))
    }
}
