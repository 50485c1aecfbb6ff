//! Plugins that are sound but ask something of the system's loader that no host grants: refused before they are mapped.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use integration::{Child, Stage, built_with, patch_descriptor};
use plugin_host::{FileError, Hazard, InspectError, Inspected, LoadError, OpenError};

use crate::{chain, fixture, refusal};

/// Writes a file when it is loaded.
fn c_library(to: &Path, trace: &Path, flags: &[&str]) {
    let source = to.with_extension("c");
    let text = format!(
        "#include <fcntl.h>\n#include <unistd.h>\nint neighbour(void) {{ return 7; }}\n\
         __attribute__((constructor)) static void run(void) {{ close(creat(\"{}\", 0600)); }}\n",
        trace.display()
    );
    fs::write(&source, text).unwrap();
    let made = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([to, &source]).args(flags).status();
    assert!(made.unwrap().success());
}

fn hazard(library: &Path) -> Hazard {
    let stage = Stage::with(library);
    match stage.host().open(stage.path().join(library.file_name().unwrap())).unwrap_err() {
        OpenError::Hazard { path, hazard } => {
            assert_eq!(path.file_name(), library.file_name());
            hazard
        }
        other => panic!("{}: {other:?}", library.display()),
    }
}

#[test]
fn what_a_linker_can_ask_of_the_loader_is_refused() {
    assert_eq!(hazard(&built_with("linked-stack", &["-Wl,-z,execstack"])), Hazard::ExecutableStack);
    let search = hazard(&built_with("linked-rpath", &["-Wl,-rpath,$ORIGIN/neighbours"]));
    assert_eq!(search, Hazard::SearchPath { kind: "RUNPATH", found: "$ORIGIN/neighbours".into() });
    let Hazard::Extension { name, .. } = hazard(&built_with("linked-first", &["-Wl,-z,initfirst"])) else {
        panic!("expected an extension");
    };
    assert_eq!(name, "DF_1_INITFIRST");
}

/// Who built it is judged before what it asks of the loader.
#[test]
fn a_build_that_does_not_fit_is_refused_as_such_whatever_it_asks() {
    let library = fs::read(built_with("linked-stack", &["-Wl,-z,execstack"])).unwrap();
    let release = plugin_core::Toolchain::CURRENT.rustc_release;
    let other = "0".repeat(release.len());
    let stage = Stage::new();
    stage.write("libother.so", patch_descriptor(&library, release.as_bytes(), other.as_bytes()));
    let [mismatch] = &refusal(stage.host().open("other").unwrap_err())[..] else { panic!("one reason") };
    assert!(mismatch.starts_with("compiler: expected rustc "), "{mismatch}");
    let path = stage.path().join("libother.so");
    assert_eq!(Inspected::read(path).unwrap().hazards(), [Hazard::ExecutableStack]);
}

/// What no linker makes of Rust code, made of a plugin that a linker made.
#[test]
fn code_that_would_be_written_to_is_refused() {
    let good = fs::read(fixture("starting")).unwrap();
    let stage = Stage::new();
    let refused = |change: &dyn Fn(&mut Elf)| {
        let mut elf = Elf(good.clone());
        change(&mut elf);
        let path = stage.write("libpatched.so", elf.0);
        match stage.host().open(path).unwrap_err() {
            OpenError::Hazard { hazard, .. } => hazard,
            other => panic!("{other:?}"),
        }
    };
    let writable = refused(&|elf| {
        let code = elf.headers(1)[1];
        elf.put(code + 4, 7, 4);
    });
    assert!(matches!(writable, Hazard::WritableCode { .. }));
    let text = refused(&|elf| {
        let flags = elf.entry(30);
        elf.put(flags + 8, 0xc, 8);
    });
    assert_eq!(text, Hazard::TextRelocations);
    assert!(chain(&stage.host().open("patched").unwrap_err()).contains("compile all of it with `-fPIC`"));
    let audit = refused(&|elf| {
        let count = elf.entry(0x6fff_fff9);
        elf.put(count, 0x6fff_fefc, 8);
    });
    assert!(matches!(audit, Hazard::Extension { name: "DT_AUDIT", .. }));
}

#[test]
fn a_needed_library_is_allowed_by_name_and_not_looked_for_beside_the_plugin() {
    Child::of("hazards::a_needed_library_is_allowed_by_name_and_not_looked_for_beside_the_plugin").passes(
        || {
            let stage = Stage::new();
            let (needed, trace) = (stage.path().join("libneighbour.so"), stage.path().join("ran"));
            c_library(&needed, &trace, &["-Wl,-soname,libneighbour.so"]);
            let library = needs_neighbour(&stage);
            stage.add(&library);
            let error = stage.host().open("needing").unwrap_err();
            let OpenError::NeededLibrary { needed: name, allowed, .. } = &error else { panic!("{error:?}") };
            assert_eq!((name.as_str(), allowed.as_slice()), ("libneighbour.so", &[][..]));
            assert!(
                error.to_string().ends_with("or allow it by `Host::allowing_library(\"libneighbour.so\")`")
            );
            let error = stage.host().allowing_library("libother.so").open("needing").unwrap_err();
            assert!(error.to_string().contains("one that belongs to the system, or libother.so;"), "{error}");

            let host = stage.host().allowing_library("libneighbour.so");
            let error = host.open("needing").unwrap_err();
            let is_not_found = matches!(error, OpenError::Load(LoadError::Refused { .. }));
            let is_redirected = matches!(error, OpenError::RedirectedLibrary { .. });
            // A test under cargo has a search path in its environment.
            assert!(is_not_found || is_redirected, "{error:?}");
            assert!(!trace.exists(), "the library's code ran");

            // SAFETY: compiled above.
            let loaded = unsafe { libloading::Library::new(&needed) }.unwrap();
            assert!(host.open("needing").is_ok());
            drop(loaded);
        },
    );
}

/// A plugin that needs `libneighbour.so`.
fn needs_neighbour(stage: &Stage) -> PathBuf {
    let neighbour = fixture("starting").with_file_name("neighbour");
    fs::create_dir_all(&neighbour).unwrap();
    c_library(
        &neighbour.join("libneighbour.so"),
        &stage.path().join("never"),
        &["-Wl,-soname,libneighbour.so"],
    );
    let search = format!("-L{}", neighbour.display());
    built_with("needing", &["-Wl,--no-as-needed", &search, "-lneighbour", "-Wl,--as-needed"])
}

#[test]
fn the_environment_does_not_choose_a_needed_library() {
    const TEST: &str = "hazards::the_environment_does_not_choose_a_needed_library";
    let elsewhere = Stage::new();
    let trace = elsewhere.path().join("ran");
    // One that the host allows, and a part of the C library: both lead to code of somebody else.
    for name in ["libneighbour.so", "libutil.so.1"] {
        c_library(&elsewhere.path().join(name), &trace, &[&format!("-Wl,-soname,{name}")]);
    }
    let given = |name: &str| PathBuf::from(std::env::var_os(name).unwrap());
    let child = Child::of(TEST)
        .env("LD_LIBRARY_PATH", elsewhere.path())
        .env("NEEDING", needs_neighbour(&elsewhere))
        .env("STARTING", fixture("starting"))
        .env("TRACE", &trace);
    child.passes(|| {
        let stage = Stage::with(&given("NEEDING"));
        let error = stage.host().allowing_library("libneighbour.so").open("needing").unwrap_err();
        let OpenError::RedirectedLibrary { needed, variable, .. } = &error else { panic!("{error:?}") };
        assert_eq!((needed.as_str(), *variable), ("libneighbour.so", "LD_LIBRARY_PATH"));
        // What needs only what is loaded opens.
        stage.add(&given("STARTING"));
        assert!(stage.host().open("starting").is_ok());

        // A part of the C library that is not loaded yet comes from the C library's directory. It lacks what the other had
        // whose name it takes here, so that the plugin does not load.
        let mut elf = Elf(fs::read(given("STARTING")).unwrap());
        elf.rename("libgcc_s.so.1", "libutil.so.1");
        stage.write("libpatched.so", elf.0);
        let error = stage.host().open("patched").unwrap_err();
        assert!(matches!(error, OpenError::Load(LoadError::Refused { .. })), "{error:?}");
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let libraries = maps.lines().filter(|line| line.ends_with("/libutil.so.1"));
        assert!(libraries.clone().count() > 0, "{maps}");
        assert!(libraries.clone().all(|line| !line.contains(given("LD_LIBRARY_PATH").to_str().unwrap())));
        assert!(!given("TRACE").exists(), "code of the environment's choice ran");
    });
}

#[test]
fn the_size_of_a_file_is_limited_by_the_host() {
    let stage = Stage::with(&fixture("starting"));
    let size = fs::metadata(stage.path().join("libstarting.so")).unwrap().len();
    assert!(stage.host().with_max_file_size(size).verify("starting").is_ok());
    let error = stage.host().with_max_file_size(size - 1).open("starting").unwrap_err();
    let OpenError::Inspect(InspectError::File(FileError::TooLarge { limit, found, .. })) = &error else {
        panic!("{error:?}");
    };
    assert_eq!((*limit, *found), (size - 1, size));
    assert!(error.to_string().ends_with("allow more by `Host::with_max_file_size`"), "{error}");
}

/// The loaded root module must name the descriptor that was verified, where it was verified.
#[test]
fn a_root_module_that_points_elsewhere_is_refused() {
    Child::of("hazards::a_root_module_that_points_elsewhere_is_refused").passes(|| {
        let mut elf = Elf(fs::read(fixture("starting")).unwrap());
        // In the first segment, addresses are offsets; the pointer to the descriptor is what a relocation adds to the base.
        let owner = b"plugin-core\0";
        let found = elf.0.windows(owner.len()).position(|bytes| bytes == owner).unwrap();
        let descriptor = (found + owner.len()) as u64;
        let places: Vec<usize> = (8..elf.0.len() - 8)
            .step_by(8)
            .filter(|at| elf.word(*at, 8) == descriptor && matches!(elf.word(at - 8, 8), 8 | 1027))
            .collect();
        assert!(!places.is_empty(), "no relocation names the descriptor");
        for at in places {
            elf.put(at, descriptor + 64, 8);
        }
        let stage = Stage::new();
        let path = stage.write("libpatched.so", elf.0);
        let error = stage.host().open(path).unwrap_err();
        assert!(matches!(error, OpenError::Changed { .. }), "{error:?}");
    });
}

#[test]
fn no_symbol_of_a_plugin_is_seen_by_others() {
    let stage = Stage::with(&fixture("starting"));
    let host = stage.host();
    let root = host.verify("starting").unwrap().descriptor().unwrap().root_symbol.to_owned();
    host.open("starting").unwrap();
    let this = libloading::os::unix::Library::this();
    // SAFETY: only asks whether the symbol is there.
    let seen = unsafe { this.get::<*const u8>(root.as_bytes()) };
    assert!(seen.is_err(), "{root} is seen by the whole process");
}

/// A 64-bit little-endian file, to be patched.
struct Elf(Vec<u8>);

impl Elf {
    fn word(&self, at: usize, width: usize) -> u64 {
        self.0[at..at + width].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    fn put(&mut self, at: usize, value: u64, width: usize) {
        self.0[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
    }

    /// Where the program headers of a kind are.
    fn headers(&self, kind: u64) -> Vec<usize> {
        let all = (0..self.word(56, 2) as usize).map(|index| 64 + 56 * index);
        all.filter(|at| self.word(*at, 4) == kind).collect()
    }

    /// Where the entry of the dynamic segment with a tag is.
    fn entry(&self, tag: u64) -> usize {
        let dynamic = self.headers(2)[0];
        let start = self.word(dynamic + 8, 8) as usize;
        (start..).step_by(16).find(|at| self.word(*at, 8) == tag).unwrap()
    }

    /// Replaces a text that is there between two NULs by one that is not longer.
    fn rename(&mut self, from: &str, to: &str) {
        let text = format!("\0{from}\0");
        let at = self.0.windows(text.len()).position(|bytes| bytes == text.as_bytes()).unwrap() + 1;
        self.0[at..at + from.len()].fill(0);
        self.0[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
}
