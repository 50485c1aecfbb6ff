//! Rows 14 and 15: how long it takes to build a plugin, for the first time and after a change.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;

use super::{Bench, Found};
use crate::{
    Outcome, clock,
    generate::{self, Kind, Size},
    plugins::cargo,
    results::{Finding, Part, median},
};

const HELLO: Size = Size { types: 1, methods: 1, functions: 1 };

/// What cargo's report of a build says of one crate.
#[derive(Deserialize)]
struct Unit {
    name: String,
    duration: f64,
}

/// Row 14.
pub(super) fn clean(bench: &Bench) -> Outcome<Found> {
    let repository = bench.plugins.repository();
    let scratch = bench.plugins.scratch()?;
    let hello = generate::write(scratch.path(), "hello", Kind::Plugin, HELLO, repository)?;
    let peer = |name, dependency: &str| -> Outcome<PathBuf> {
        let manifest = generate::write(scratch.path(), name, Kind::Plain, HELLO, repository)?;
        let text = fs::read_to_string(&manifest)?;
        fs::write(&manifest, format!("{text}abi_stable = {dependency}\n"))?;
        fs::copy(repository.join("benches/peers/Cargo.lock"), manifest.with_file_name("Cargo.lock"))?;
        Ok(manifest)
    };
    let alone = peer("alone", "\"=0.11.3\"")?;
    let lean = peer("lean", "{ version = \"=0.11.3\", default-features = false }")?;
    let (mut ours, mut theirs, mut leans) = (Vec::new(), Vec::new(), Vec::new());
    let (mut units, mut units_of_lean) = (Vec::new(), Vec::new());
    for run in 0..bench.effort.of(3, 1) {
        // A quick run finds the dependencies built.
        let target =
            |name: &str| bench.effort.of(scratch.path().join(format!("{name}-{run}")), bench.plugins.built());
        let profile = bench.effort.of("dev", "release");
        let build = |manifest: &Path, target: &Path| -> Outcome<f64> {
            let (time, built) = clock::wall(|| {
                cargo(&["build", "--lib", "--offline", "--timings", "--profile", profile], manifest, target)
            });
            built?;
            Ok(time / 1e9)
        };
        ours.push(build(&hello, &target("hello"))?);
        units = timings(&target("hello"))?;
        theirs.push(build(&alone, &target("alone"))?);
        leans.push(build(&lean, &target("lean"))?);
        units_of_lean = timings(&target("lean"))?;
    }
    let (ours, theirs, leans) = (median(ours), median(theirs), median(leans));
    let mut by_crate = BTreeMap::<&str, f64>::new();
    for Unit { name, duration } in &units {
        *by_crate.entry(name).or_default() += duration;
    }
    let total: f64 = by_crate.values().sum();
    let mut by_crate: Vec<_> = by_crate.into_iter().collect();
    by_crate.sort_by(|one, other| other.1.total_cmp(&one.1));
    let shares = by_crate.iter().take(12).map(|(name, time)| Part::new(*name, *time, "s"));
    let mut found = Found::default();
    let parts = vec![Part::new("hello plugin", ours, "s"), Part::new("abi_stable alone", theirs, "s")];
    found.findings.push(Finding::ratio("clean build, unoptimised", ours / theirs, 1.25, parts));
    let parts = vec![Part::new("abi_stable alone, without its default features", leans, "s")];
    let what = "the same against the features of `abi_stable` that a plugin has";
    found.findings.push(Finding::plain(what, ours / leans, "×", parts));
    let what = format!("compiler time of all {} crates", by_crate.len());
    found.findings.push(Finding::plain(what, total, "s", shares.collect()));
    let is_in_both = |name: &str| units_of_lean.iter().any(|unit| unit.name == name);
    let shared: f64 = by_crate.iter().filter(|(name, _)| is_in_both(name)).map(|(_, time)| time).sum();
    let parts = vec![Part::new("abi_stable and what it needs", shared, "s")];
    found.findings.push(Finding::plain("`abi_stable`'s share of that", shared / total, "×", parts));
    found
        .notes
        .push("`serde` and its derive come with `abi_stable`, which needs them whatever its features are.");
    Ok(found)
}

/// Cargo's report of the last build in a directory: a page with the figures as JSON in it.
fn timings(target: &Path) -> Outcome<Vec<Unit>> {
    let page = fs::read_to_string(target.join("cargo-timings/cargo-timing.html"))?;
    let data = page.split_once("const UNIT_DATA = ").and_then(|(_, rest)| rest.split_once("];"));
    let (data, _) = data.ok_or("cargo's report of the build has no figures")?;
    Ok(serde_json::from_str(&format!("{data}]"))?)
}

/// What `build-plugins` does besides cargo's part.
const SPLIT: &str = "Of what comes on top, half is for 15 MB of debug information, of the standard library's for the greater part: it is read for \
the checksum by which debuggers find it, and the file before it is removed. That cannot begin before the library is there. The rest is \
`objcopy`, which strips. Cargo is asked about the workspace while it builds, debug information is linked instead of copied, and a plugin \
that was not built again is left alone.";

/// Row 15.
pub(super) fn again(bench: &Bench) -> Outcome<Found> {
    let Some(tasks) = &bench.tasks else {
        return Ok(Found { notes: vec!["Measured by `cargo xtask bench` only."], ..Found::default() });
    };
    let scratch = bench.plugins.scratch()?;
    let manifest = generate::write(scratch.path(), "hello", Kind::Plugin, HELLO, bench.plugins.repository())?;
    let directory = manifest.parent().unwrap_or(scratch.path());
    let target = bench.effort.of(scratch.path().join("target"), bench.plugins.built());
    let mut revision = 0;
    let mut rebuild = |through_tasks: bool| -> Outcome<f64> {
        revision += 1;
        let source = directory.join("src/lib.rs");
        let text = fs::read_to_string(&source)?;
        fs::write(&source, format!("{text}\n// {revision}\n"))?;
        let mut command = if through_tasks {
            let mut command = Command::new(tasks);
            command.arg("build-plugins");
            command
        } else {
            let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            command.args(["build", "--lib"]);
            command
        };
        command.args(bench.effort.of(None, Some("--release")));
        command.current_dir(directory).env("CARGO_TARGET_DIR", &target);
        let (time, output) = clock::wall(|| command.output());
        let output = output?;
        if !output.status.success() {
            return Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(time / 1e9)
    };
    rebuild(false)?;
    rebuild(true)?;
    let (mut ours, mut plain, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.effort.of(9, 1) {
        let (one, other) = (rebuild(true)?, rebuild(false)?);
        ours.push(one);
        plain.push(other);
        ratios.push(one / other);
    }
    let parts =
        vec![Part::new("build-plugins", median(ours), "s"), Part::new("cargo build", median(plain), "s")];
    let finding = Finding::ratio("one plugin changed, unoptimised", median(ratios), 1.20, parts).why(SPLIT);
    Ok(Found { findings: vec![finding], ..Found::default() })
}
