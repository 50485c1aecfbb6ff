//! Row 9: a plugin that is open already, asked for again, by one thread and by two.

use std::{
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    sync::Barrier,
    thread,
};

use plugin_host::Host;

use super::{Bench, Found, opening::Size};
use crate::{
    Outcome, clock,
    results::{Finding, Part, median},
};

pub(super) fn reopening(bench: &Bench) -> Outcome<Found> {
    // As deep as `/opt/program/plugins`: the system looks at each directory on the way.
    let program = tempfile::tempdir()?;
    let directory = program.path().join("plugins");
    fs::create_dir(&directory)?;
    let library = bench.plugins.library(Size::One.package());
    let file_name = library.file_name().unwrap_or_default();
    let file = directory.join(file_name);
    fs::copy(&library, &file)?;
    // SAFETY: the directory holds a copy of what was built from this repository.
    let host = unsafe { Host::trusting_dir(&directory) }?;
    host.open(&file)?;
    let name = Size::One.package().replace('-', "_");
    let roundabout = directory.join("..").join("plugins").join(file_name);
    let spellings: [(&str, PathBuf, &PathBuf); 3] = [
        ("by its path", file.clone(), &file),
        ("by its name", name.into(), &file),
        ("by a roundabout path", roundabout.clone(), &roundabout),
    ];

    let mut found = Found::default();
    for (what, spelling, path) in spellings {
        let (mut alone, mut together, mut looks) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..bench.effort.of(15, 1) {
            looks.push(per_look(bench, path));
            alone.push(per_open(bench, &host, &spelling, 1));
            together.push(per_open(bench, &host, &spelling, 2));
        }
        let (alone, together) = (median(alone), median(together));
        let parts = vec![
            Part::new("one thread", alone / 1e3, "µs of CPU"),
            Part::new("each of two threads", together / 1e3, "µs of CPU"),
            Part::new("the system's look at that path, alone", median(looks) / 1e3, "µs of CPU"),
        ];
        let why = "whether a file is still the one that is open has to be asked of the system, which looks at each part of the path: that alone is the last of the parts above. A path may mean another file at each open.";
        found.findings.push(Finding::at_most(what, alone / 1e3, "µs of CPU", 1.0, parts).why(why));
        found.findings.push(Finding::plain(
            format!("{what}: two threads against one"),
            together / alone,
            "×",
            Vec::new(),
        ));
    }
    Ok(found)
}

/// CPU time of what every open asks the system, in nanoseconds.
fn per_look(bench: &Bench, path: &Path) -> f64 {
    let times = bench.effort.of(4000_u32, 2);
    let (time, ()) = clock::cpu(|| {
        for _ in 0..times {
            let _ = black_box(fs::metadata(black_box(path)));
        }
    });
    time / f64::from(times)
}

/// CPU time of an open in nanoseconds, in each of some threads that open at once.
fn per_open(bench: &Bench, host: &Host, spelling: &Path, threads: usize) -> f64 {
    let times = bench.effort.of(4000_u32, 2);
    let start = Barrier::new(threads);
    let open = || {
        start.wait();
        let (time, ()) = clock::cpu(|| {
            for _ in 0..times {
                let _ = black_box(host.open(black_box(spelling)));
            }
        });
        time / f64::from(times)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(open)).collect();
        median(threads.into_iter().filter_map(|thread| thread.join().ok()).collect())
    })
}
