//! Growth: opening, inspecting, verifying, refusing and looking up, over plugins of more and more.

use std::{fs, hint::black_box, path::PathBuf};

use plugin_core::Toolchain;
use plugin_host::{Host, Inspected};

use super::{
    Bench, Found,
    opening::{OPENS, Opened, Opens, Size, Through, root_symbol},
};
use crate::{
    Outcome, child,
    copies::{self, patch_descriptor},
    generate::{self, Kind},
    plugins::cargo,
    results::{Curve, median},
    rounds::{case, interleave},
};

pub(super) fn growth(bench: &Bench) -> Outcome<Found> {
    let mut curves: Vec<Curve> =
        ["open", "bare dlopen", "inspect", "verify", "refuse", "lookup, hit", "lookup, miss"]
            .map(|name| Curve {
                name: name.to_owned(),
                of: "methods, types and functions".to_owned(),
                unit: "µs".to_owned(),
                points: Vec::new(),
            })
            .into();
    let sizes: &[usize] = bench.effort.of(&[1, 10, 100, 1000], &[1, 10]);
    for size in sizes {
        let times = of_size(bench, *size)?;
        for (curve, time) in curves.iter_mut().zip(times) {
            curve.points.push((*size as f64, time / 1e3));
        }
    }
    let note = "Each plugin has as many methods, types and exported functions.";
    Ok(Found { curves, notes: vec![note], ..Found::default() })
}

/// In the order of the curves.
fn of_size(bench: &Bench, size: usize) -> Outcome<[f64; 7]> {
    let file = build(bench, size)?;
    let scratch = bench.plugins.scratch()?;
    let files = copies::renamed(&file, &package(size), scratch.path(), bench.effort.of(40, 2))?;
    let symbol = root_symbol(&file)?;
    let opens = |through_host| -> Outcome<f64> {
        let (files, symbol) = (files.clone(), symbol.clone());
        let arguments = Opens { size: Size::Generated, through_host, files, symbol };
        let opened: Opened = child::run(&bench.plugins, OPENS, &arguments)?;
        Ok(median(opened.opens.into_iter().map(|(_, time)| time).collect()))
    };
    let (open, bare) = (opens(Through::All)?, opens(Through::None)?);

    let release = Toolchain::CURRENT.rustc_release.as_bytes();
    let refused = &scratch.path().join("librefused.so");
    fs::write(refused, patch_descriptor(&fs::read(&file)?, release, &vec![b'0'; release.len()]))?;
    let sound = &scratch.path().join("libsound.so");
    fs::copy(&file, sound)?;
    // SAFETY: the directory holds copies of what was built from this repository.
    let host = &unsafe { Host::trusting_dir(scratch.path()) }?;
    let plugin = &host.open(sound)?;
    let last = &format!("f{}", size - 1);
    let compared = interleave(
        bench.effort,
        vec![
            case!("inspect", Inspected::read(sound)),
            case!("verify", host.verify(sound)),
            case!("refuse", host.open(refused)),
        ],
    );
    // By themselves: a round has as many of everything, and these are a thousand times as quick.
    let looked_up = interleave(
        bench.effort,
        vec![
            case!("hit", plugin.lookup_fn::<fn(u64) -> u64>(black_box(last))),
            case!("miss", plugin.lookup_fn::<fn(u64) -> u64>(black_box("treble"))),
        ],
    );
    let [inspect, verify, refuse] = ["inspect", "verify", "refuse"].map(|case| compared.of(case));
    Ok([open, bare, inspect, verify, refuse, looked_up.of("hit"), looked_up.of("miss")])
}

fn package(size: usize) -> String {
    format!("generated-of-size-{size}")
}

fn build(bench: &Bench, size: usize) -> Outcome<PathBuf> {
    let directory = bench.plugins.output().join("generated");
    let of = generate::Size { types: size, methods: size, functions: size };
    let manifest = generate::write(&directory, &package(size), Kind::Plugin, of, bench.plugins.repository())?;
    cargo(&["build", "--lib", "--release", "--offline"], &manifest, &bench.plugins.built())?;
    Ok(bench.plugins.library(&package(size)))
}
