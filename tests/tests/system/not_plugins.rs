//! Files that are not plugins: each its own error, and nothing of them runs.

use std::fs;

use integration::{Stage, c_library, patch_descriptor};
use plugin_host::{FileError, InspectError, ObjectError, OpenError, TrustError};
use probe_api::Probe;

use crate::{chain, fixture};

#[test]
fn a_plain_c_library() {
    let stage = Stage::new();
    let trace = stage.path().join("ran");
    assert!(c_library(&stage.path().join("libplain.so"), &trace), "the tests need a C compiler");
    let error = stage.host().open("plain").unwrap_err();
    assert!(matches!(error, OpenError::Inspect(InspectError::NoDescriptor { .. })), "{error:?}");
    assert!(error.to_string().contains("expected a descriptor, found none"), "{error}");
    assert!(!trace.exists(), "its constructor ran");
}

#[test]
fn a_rust_library_without_a_plugin() {
    let stage = Stage::new();
    stage.write("bare.rs", "#[unsafe(no_mangle)] pub extern \"C\" fn bare() {}");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let built = std::process::Command::new(rustc)
        .current_dir(stage.path())
        .args(["--crate-type", "cdylib", "--edition", "2024", "bare.rs"])
        .status()
        .unwrap();
    assert!(built.success());
    let error = stage.host().open("bare").unwrap_err();
    assert!(matches!(error, OpenError::Inspect(InspectError::NoDescriptor { .. })), "{error:?}");
}

#[test]
fn two_plugins_in_one_file() {
    let stage = Stage::with(&fixture("nested"));
    let error = stage.host().open("nested").unwrap_err();
    let OpenError::Inspect(InspectError::SeveralPlugins { mut names, .. }) = error else {
        panic!("expected two plugins, found {error:?}");
    };
    names.sort();
    assert_eq!(names, ["greeter 0.1.0", "nested 0.1.0"]);
}

/// Whoever wrote the file chose its texts: they are shown, not done.
#[test]
fn no_text_of_a_refused_file_reaches_a_terminal_raw() {
    let stage = Stage::new();
    let patched = |library, from: &str, to: &str| {
        let bytes = fs::read(fixture(library)).unwrap();
        stage.write("libpatched.so", patch_descriptor(&bytes, from.as_bytes(), to.as_bytes()));
        let error = stage.host().open_root::<dyn Probe>("patched").unwrap_err();
        let text = chain(&error);
        let lines = text.replace("\n  ", " | ");
        assert!(!lines.contains(char::is_control), "{text:?}");
        text
    };
    let text = patched("lifecycle", "lifecycle", "life\x1b[2J\n");
    assert!(text.starts_with(r"plugin life\u{1b}[2J\n 0.1.0 in "), "{text}");
    let text = patched("lifecycle", "probe_api::Named", "probe\n\x1b]0;me\x07\u{202e}");
    assert!(text.contains(r"found probe\n\u{1b}]0;me\u{7}\u{202e} 1.1.0"), "{text}");
    let text = patched("nested", "0.1.0", "0.\x1b[m");
    assert!(text.contains(r" holds 2 plugins, ") && text.contains(r" 0.\u{1b}[m"), "{text}");
}

#[test]
fn text_nothing_and_a_directory() {
    let stage = Stage::new();
    stage.write("libtext.so", "just some text, longer than any header could be short");
    stage.write("libempty.so", "");
    fs::create_dir(stage.path().join("libdirectory.so")).unwrap();
    let host = stage.host();

    let error = host.open("text").unwrap_err();
    assert!(
        matches!(
            &error,
            OpenError::Inspect(InspectError::Object { source: ObjectError::NotAnObject { .. }, .. })
        ),
        "{error:?}"
    );
    assert!(chain(&error).contains("libtext.so"), "{}", chain(&error));
    let error = host.open("empty").unwrap_err();
    assert!(matches!(&error, OpenError::Inspect(InspectError::File(FileError::Empty { .. }))), "{error:?}");
    // By its name it is not looked for: another directory may have the file.
    assert!(matches!(host.open("directory"), Err(OpenError::NotFound { .. })));
    let error = host.open(stage.path().join("libdirectory.so")).unwrap_err();
    assert!(
        matches!(&error, OpenError::Inspect(InspectError::File(FileError::Directory { .. }))),
        "{error:?}"
    );
}

#[test]
fn a_missing_name_lists_where_it_was_searched() {
    let stage = Stage::new();
    let error = stage.host().open("no-such").unwrap_err();
    let OpenError::NotFound { name, searched, .. } = error else {
        panic!("expected not found, found {error:?}")
    };
    let directory = stage.path().canonicalize().unwrap();
    assert_eq!(name, "no-such");
    assert_eq!(searched, [directory.join("libno_such.so"), directory.join("no-such")]);
}

#[test]
fn an_empty_name_is_said_to_be_empty() {
    let error = Stage::new().host().open("").unwrap_err();
    assert!(matches!(error, OpenError::NoName), "{error:?}");
    assert_eq!(error.to_string(), "expected the name or the path of a plugin, found an empty one");
}

#[test]
fn the_name_of_a_file_is_searched_as_it_is() {
    let stage = Stage::new();
    let error = stage.host().open("libno_such.so").unwrap_err();
    let OpenError::NotFound { searched, .. } = error else { panic!("expected not found, found {error:?}") };
    assert_eq!(searched, [stage.path().canonicalize().unwrap().join("libno_such.so")]);
}

#[test]
fn a_plugin_outside_the_trusted_directory() {
    let stage = Stage::new();
    let elsewhere = Stage::with(&fixture("lifecycle"));
    let path = elsewhere.path().join("liblifecycle.so").canonicalize().unwrap();
    let error = stage.host().open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Untrusted(TrustError::Outside { .. })), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!(
            "{} is in no trusted directory: expected it in {}; if you trust it, copy it there",
            path.display(),
            stage.path().canonicalize().unwrap().display()
        )
    );
    // Neither does a link into the directory help.
    std::os::unix::fs::symlink(elsewhere.path().join("liblifecycle.so"), stage.path().join("liblink.so"))
        .unwrap();
    let error = stage.host().open("link").unwrap_err();
    assert!(matches!(error, OpenError::Untrusted(TrustError::Outside { .. })), "{error:?}");
}

#[test]
fn a_plugin_that_others_can_write() {
    use std::os::unix::fs::PermissionsExt as _;
    let stage = Stage::with(&fixture("lifecycle"));
    let path = stage.path().join("liblifecycle.so");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let error = stage.host().open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Untrusted(TrustError::Writable { .. })), "{error:?}");
    assert!(error.to_string().contains("chmod"), "{error}");
}

/// Every truncation and a change of every byte near the start of a real plugin: an answer each time, never a crash.
#[test]
fn broken_copies_of_a_good_plugin() {
    let good = fs::read(fixture("lifecycle")).unwrap();
    let stage = Stage::new();
    let path = stage.path().join("libbroken.so");
    let host = stage.host();
    let mapped = mapped_length(&good);
    for length in (1..4096).step_by(61).chain((4096..mapped).step_by(mapped / 40)).chain([mapped - 1]) {
        fs::write(&path, &good[..length]).unwrap();
        assert!(host.verify(&path).is_err(), "{length} bytes of {mapped}");
    }
    for at in 0..1024 {
        let mut bytes = good.clone();
        bytes[at] ^= 0x40;
        fs::write(&path, &bytes).unwrap();
        let _ = host.verify(&path);
    }
}

/// How much of a 64-bit ELF file is mapped: the end of its last loadable segment.
fn mapped_length(elf: &[u8]) -> usize {
    let number = |at: usize, width: usize| {
        elf[at..at + width].iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
    };
    let (first, width, count) = (number(32, 8), number(54, 2), number(56, 2));
    let headers = (0..count).map(|index| first + index * width);
    headers.filter(|at| number(*at, 4) == 1).map(|at| number(at + 8, 8) + number(at + 32, 8)).max().unwrap()
}
