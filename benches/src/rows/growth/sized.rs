//! One plugin of a size.

use std::{
    fs,
    hint::black_box,
    mem::ManuallyDrop,
    path::{Path, PathBuf},
};

use libloading::Library;
use plugin_core::Toolchain;
use plugin_host::{Host, Inspected};

use super::{Bench, Times};
use crate::{
    Outcome, child,
    copies::{self, patch_descriptor},
    generate::{self, Kind, Size},
    plugins::cargo,
    results::median,
    rounds::{case, interleave},
    rows::opening::{self, OPENS, Opened, Opens, Through, root_symbol},
};

pub(super) fn measure(bench: &Bench, size: Size) -> Outcome<Times> {
    let package = format!("plugin-of-{size}");
    let file = build(bench, Kind::Plugin, size, &package)?;
    let (open, bare_open) = opens(bench, &file, &package)?;

    let scratch = bench.plugins.scratch()?;
    let refused = &scratch.path().join("librefused.so");
    fs::write(refused, by_another_compiler(&fs::read(&file)?))?;
    let sound = &scratch.path().join("libsound.so");
    fs::copy(&file, sound)?;
    // SAFETY: the directory holds copies of what was built from this repository.
    let host = &unsafe { Host::trusting_dir(scratch.path()) }?;
    if host.open(refused).is_ok() {
        return Err("a plugin by another compiler was opened".into());
    }
    let plugin = &host.open(sound)?;
    let last = &format!("f{}", size.functions - 1);
    plugin.lookup_fn::<fn(u64) -> u64>(last)?;
    let compared = interleave(
        bench.effort,
        vec![
            case!("inspect", Inspected::read(sound)),
            case!("verify", host.verify(sound)),
            case!("refuse", host.open(refused)),
        ],
    );
    // As many symbols of a library's own: a plugin has one, and finds its functions by itself.
    let symbols = Size { functions: size.functions, ..Size::ONE };
    let library = build(bench, Kind::Bare, symbols, &format!("bare-of-{symbols}"))?;
    // SAFETY: built from the functions above and nothing else.
    let library = &ManuallyDrop::new(unsafe { Library::new(library) }?);
    let symbol = &format!("{last}\0");
    // By themselves: a round has as many of everything, and these are a thousand times as quick.
    let looked_up = interleave(
        bench.effort,
        vec![
            case!("hit", plugin.lookup_fn::<fn(u64) -> u64>(black_box(last))),
            case!("miss", plugin.lookup_fn::<fn(u64) -> u64>(black_box("treble"))),
            // SAFETY: this asks for the address only.
            case!("dlsym", unsafe { library.get::<*const ()>(black_box(symbol.as_bytes())) }.is_ok()),
        ],
    );
    let [inspect, verify, refuse] = ["inspect", "verify", "refuse"].map(|case| compared.of(case));
    let [hit, miss, dlsym] = ["hit", "miss", "dlsym"].map(|case| looked_up.of(case));
    Ok(Times { open, bare_open, refuse, inspect, verify, hit, miss, dlsym })
}

/// Opens of copies through the host and bare, each by both ways, as row 5 has them.
fn opens(bench: &Bench, file: &Path, package: &str) -> Outcome<(f64, f64)> {
    let scratch = bench.plugins.scratch()?;
    let files = copies::renamed(file, package, scratch.path(), bench.effort.of(40, 2))?;
    let symbol = root_symbol(file)?;
    let mut opens = Vec::new();
    for through_host in [Through::Even, Through::Odd] {
        let (files, symbol) = (files.clone(), symbol.clone());
        let arguments = Opens { size: opening::Size::Generated, through_host, files, symbol };
        let opened: Opened = child::run(&bench.plugins, OPENS, &arguments)?;
        // The first opens of a process are another row.
        opens.extend(opened.opens.into_iter().skip(bench.effort.of(4, 0)));
    }
    let of = |ours| median(opens.iter().filter(|open| open.0 == ours).map(|open| open.1).collect());
    Ok((of(true), of(false)))
}

/// The plugin as a compiler of another release would have described it.
pub(super) fn by_another_compiler(library: &[u8]) -> Vec<u8> {
    let release = Toolchain::CURRENT.rustc_release.as_bytes();
    patch_descriptor(library, release, &vec![b'0'; release.len()])
}

fn build(bench: &Bench, kind: Kind, size: Size, package: &str) -> Outcome<PathBuf> {
    let directory = bench.plugins.output().join("generated");
    let manifest = generate::write(&directory, package, kind, size, bench.plugins.repository())?;
    cargo(&["build", "--lib", "--release", "--offline"], &manifest, &bench.plugins.built())?;
    Ok(bench.plugins.library(package))
}
