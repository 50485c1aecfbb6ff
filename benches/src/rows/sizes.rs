//! Row 13: what the framework adds to the size of a plugin.

use std::{fs, path::PathBuf};

use super::{Bench, Found};
use crate::{
    Outcome,
    plugins::cargo,
    results::{Finding, Part},
};

/// Where the bytes of a plugin with text are.
const SHARES: &str = "`abi_stable`'s share is what its types take in a bare library: the functions behind `RVec` end the process where they \
panic, and bring the standard library's printing and exit with them. The rest is the framework's. With fat LTO some 9 kB of that are the \
backtrace of a panic as text. The host cannot make it in the plugin's place: the standard library lists the libraries of a process once, \
and calls that lead through one that was loaded later are `<unknown>` to it. Without the backtrace the ratio would be 1.12. Not taken: \
types of our own in the place of `abi_stable`'s.";

pub(super) fn sizes(bench: &Bench) -> Outcome<Found> {
    let usual = build(bench, "thin")?;
    let size = |path: PathBuf| -> Outcome<f64> { Ok(fs::metadata(path)?.len() as f64 / 1e3) };
    let of = |directory: &PathBuf, package: &str| {
        size(directory.join(format!("lib{}.so", package.replace('-', "_"))))
    };
    let part = |name: &str, size: f64| Part::new(name, size, "kB");
    let here = bench.plugins.directory();
    let bare = of(&usual, "size-bare")?;
    let bare_many = of(&here, "bare-many")?;
    let mut found = Found::default();
    let (one, peer) = (of(&usual, "size-scalar")?, of(&here, "peer-one")?);
    let parts =
        vec![part("this", one), part("bare `extern \"C\"`", bare), part("abi_stable, with fat LTO", peer)];
    found.findings.push(Finding::ratio("one function of a number", one / bare, 1.05, parts));
    let text = of(&usual, "size-text")?;
    let by_hand = |directory: &PathBuf| -> Outcome<Part> {
        Ok(part("bare, with abi_stable's types", of(directory, "size-by-hand")?))
    };
    let parts = vec![part("this", text), part("bare", bare), by_hand(&usual)?];
    found.findings.push(Finding::ratio("an interface with text and vectors", text / bare, 1.15, parts));
    let (many, peer) = (of(&here, "many-of-a-thousand")?, of(&here, "peer-many")?);
    let parts =
        vec![part("this", many), part("bare, as many functions", bare_many), part("abi_stable", peer)];
    found.findings.push(Finding::ratio("50 methods, 30 nested structs", many / bare_many, 1.25, parts));
    // Building both once more is a minute, and shows nothing new in a quick run.
    if bench.effort.of(true, false) {
        let whole = build(bench, "fat")?;
        let (text, bare) = (of(&whole, "size-text")?, of(&whole, "size-bare")?);
        let parts = vec![part("this", text), part("bare", bare), by_hand(&whole)?];
        let what = "an interface with text and vectors, both with fat LTO";
        found.findings.push(Finding::ratio(what, text / bare, 1.10, parts).why(SHARES));
    }
    Ok(found)
}

/// Builds the crates of `cargo xtask size` with an LTO of choice, stripped.
fn build(bench: &Bench, lto: &str) -> Outcome<PathBuf> {
    let manifest = bench.plugins.repository().join("tests/size/Cargo.toml");
    let target = match lto {
        "thin" => bench.plugins.built(),
        _ => bench.plugins.output().join(format!("build-lto-{lto}")),
    };
    let lto = format!("profile.release.lto=\"{lto}\"");
    let arguments =
        ["build", "--release", "--workspace", "--config", "profile.release.strip=true", "--config", &lto];
    cargo(&arguments, &manifest, &target)?;
    Ok(target.join("release"))
}
