//! Builds that do not fit are refused, with every reason, before anything of them runs.

use std::fs;

use integration::{
    Compiler, Profile, Stage, VARIANTS, Variant, built, constructed, other_compilers, patch,
    patch_descriptor, skip,
};
use plugin_core::descriptor::DecodeError;
use plugin_host::{Host, InspectError, Inspected, OpenError};
use probe_api::{Frame, Header, Named as _, Probe};

use crate::{fixture, refusal, take_trace};

/// Opens a probe under a host that knows its interface.
fn open(host: Host, library: &std::path::Path) -> Result<plugin_host::Root<dyn Probe>, OpenError> {
    host.open_root::<dyn Probe>(library)
}

#[test]
fn every_variant_gets_its_verdict() {
    let mut wrong = Vec::new();
    for Variant { name, refusal: expected, .. } in VARIANTS {
        let package = format!("probe-{name}");
        let library = fixture(&package);
        let trace = constructed(&library, &package);
        take_trace(&trace);
        let stage = Stage::with(&library);
        let found = match open(stage.host(), &stage.path().join(library.file_name().unwrap())) {
            Ok(probe) => {
                assert!(take_trace(&trace), "{name}: the constructor of an accepted plugin runs");
                let frame = Frame { header: Header { flags: 1, size: 2 }, width: 3, height: 4 };
                assert_eq!((probe.name(), probe.area(&frame)), ("plain", 12), "{name}");
                assert_eq!(probe.within(frame, 12), Ok(12), "{name}");
                assert_eq!(probe.level(), if *name == "older" { 7 } else { 9 }, "{name}");
                Vec::new()
            }
            Err(error) => {
                assert!(!trace.exists(), "{name}: code of a refused plugin ran");
                refusal(error)
            }
        };
        if found != *expected {
            wrong.push(format!("{name}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_host_that_expects_an_interface_refuses_a_drifted_one_by_any_open() {
    let library = fixture("probe-field-first");
    let stage = Stage::with(&library);
    let host = stage.host().expecting::<dyn Probe>();
    assert!(matches!(host.open("probe-field-first"), Err(OpenError::Refused(_))));
    assert!(matches!(host.verify("probe-field-first"), Err(OpenError::Refused(_))));
    assert!(!constructed(&library, "probe-field-first").exists());
}

/// Nobody asks why for a while, and then for what was refused, not for what is there by then.
#[test]
fn the_reasons_are_those_of_the_bytes_that_were_refused() {
    let stage = Stage::with(&fixture("probe-field-first"));
    let host = stage.host();
    let open = || open(host.clone(), "probe-field-first".as_ref()).unwrap_err();
    let expected = refusal(open());
    assert!(!expected.is_empty());
    let OpenError::Refused(later) = open() else { panic!("the same file, another answer") };
    drop((host, stage));
    let lines = || later.mismatches().iter().map(ToString::to_string).collect::<Vec<_>>();
    std::thread::scope(|scope| {
        let threads = [(); 4].map(|()| scope.spawn(lines));
        threads.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), expected));
    });
    assert!(later.to_string().contains(&expected[0]), "{later}");
}

/// A plugin under another name, with a table of types that cannot be read.
fn without_types(stage: &Stage, package: &str) -> std::path::PathBuf {
    let broken = patch(&fs::read(fixture(package)).unwrap(), |descriptor| {
        let types = u32::from_le_bytes(descriptor[88..92].try_into().unwrap()) as usize;
        descriptor[types + 36] = 99;
    });
    stage.write("libbroken.so", broken)
}

/// The types are read where digests do not say enough: what is wrong with them is found before the file is mapped.
#[test]
fn types_that_cannot_be_read_are_refused_where_they_are_needed() {
    let cause = DecodeError::Value { what: "shape of a type", found: 99 };
    let stage = Stage::new();
    // Its digests are those of the host.
    let path = without_types(&stage, "probe-original");
    let inspected = Inspected::read(&path).unwrap();
    assert_eq!((inspected.head().name, inspected.descriptor().unwrap_err()), ("probe-original", cause));
    assert_eq!(open(stage.host(), &path).unwrap().name(), "plain");

    // With a method less, it may fit: that is for the types to say.
    let stage = Stage::new();
    match open(stage.host(), &without_types(&stage, "probe-older")) {
        Err(OpenError::Inspect(InspectError::Descriptor { source, .. })) => assert_eq!(source, cause),
        other => panic!("{other:?}"),
    }
    // With another method in the place of one, it cannot: that is known, but not why.
    let stage = Stage::new();
    let drifted = open(stage.host(), &without_types(&stage, "probe-field-first")).unwrap_err();
    assert_eq!(refusal(drifted), [format!("types: expected a table that can be read, found {cause}")]);
    assert!(!constructed(&fixture("probe-field-first"), "probe-field-first").exists());
}

#[test]
fn a_plugin_without_the_required_interface_is_not_mapped() {
    let stage = Stage::with(&fixture("lifecycle"));
    let error = stage.host().open_root::<dyn Probe>("lifecycle").unwrap_err();
    assert_eq!(
        refusal(error),
        ["provided interfaces: expected probe_api::Probe 1.1.0, found probe_api::Named 1.1.0"]
    );
}

#[test]
fn a_verified_plugin_says_what_it_provides_before_it_is_loaded() {
    let (original, drifted) = (fixture("probe"), fixture("probe-field-first"));
    let stage = Stage::with(&original);
    stage.add(&drifted);
    stage.add(&fixture("lifecycle"));
    let host = stage.host();
    let provides = |plugin: &str| host.verify(plugin).unwrap().provides::<dyn Probe>();
    assert!(provides("probe").unwrap());
    assert!(!provides("lifecycle").unwrap());
    assert!(matches!(provides("probe-field-first"), Err(OpenError::Refused(_))));
    assert!(
        !constructed(&original, "probe").exists() && !constructed(&drifted, "probe-field-first").exists()
    );
}

/// Opens a copy of the original probe whose descriptor says `to` where it said `from`.
fn open_patched(from: &str, to: &str) -> Vec<String> {
    let library = fixture("probe");
    let trace = constructed(&library, "probe");
    let stage = Stage::new();
    let patched = patch_descriptor(&fs::read(&library).unwrap(), from.as_bytes(), to.as_bytes());
    let path = stage.write("libpatched.so", patched);
    take_trace(&trace);
    let error = open(stage.host(), &path).unwrap_err();
    assert!(!trace.exists(), "code of a refused plugin ran");
    refusal(error)
}

#[test]
fn another_target_is_refused() {
    let target = plugin_core::Toolchain::CURRENT.target;
    let other = target.replace("gnu", "xyz");
    assert_eq!(open_patched(target, &other), [format!("target: expected {target}, found {other}")]);
}

#[test]
fn another_release_of_rustc_is_refused() {
    let release = plugin_core::Toolchain::CURRENT.rustc_release;
    let other = release.replace('1', "2");
    let found = open_patched(release, &other);
    assert_eq!(found.len(), 1);
    assert!(found[0].contains(release) && found[0].contains(&other), "{found:?}");
}

#[test]
fn another_compiler_is_refused() {
    let compilers = other_compilers();
    if compilers.is_empty() {
        skip("no other compiler is installed (rustup's `nightly`, or Debian's `rustc-web`)");
    }
    for compiler in compilers {
        let library = built(compiler, Profile::Unwind, "probe");
        let trace = constructed(&library, "probe");
        take_trace(&trace);
        let stage = Stage::with(&library);
        let found = refusal(open(stage.host(), &stage.path().join("libprobe.so")).unwrap_err());
        assert!(!trace.exists(), "code of a refused plugin ran");
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("compiler: expected rustc 1."), "{found:?}");
    }
}

#[test]
fn a_plugin_that_aborts_on_panic_is_refused() {
    let library = built(Compiler::Host, Profile::Abort, "probe");
    let trace = constructed(&library, "probe");
    take_trace(&trace);
    let stage = Stage::with(&library);
    let found = refusal(open(stage.host(), &stage.path().join("libprobe.so")).unwrap_err());
    assert!(!trace.exists(), "code of a refused plugin ran");
    assert_eq!(found, ["panic strategy: expected unwind, found abort"]);
}
