//! The command line, over real plugins.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails them, as they do themselves")]

use std::{
    collections::BTreeSet,
    env::{
        self,
        consts::{DLL_PREFIX, DLL_SUFFIX},
    },
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::LazyLock,
};

use plugin_core::Toolchain;
use plugin_host::Inspected;

const PROGRAM: &str = env!("CARGO_BIN_EXE_plugin-host");

/// Where cargo puts what it builds in the profile of these tests.
static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = Path::new(PROGRAM).parent().unwrap();
    // `target/debug`, or `target/TRIPLE/debug` where the environment asks for a target.
    let depth = if env::var_os("CARGO_BUILD_TARGET").is_some() { 2 } else { 1 };
    let target = directory.ancestors().nth(depth).unwrap();
    // The greeter by itself: built together, its features of `plugin-core` would be those of the codecs, too.
    for packages in [&["codec-lz4", "codec-deflate", "codec-drifted"][..], &["greeter"]] {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--quiet", "--lib"])
            .args(packages.iter().map(|name| format!("-p{name}")))
            .arg("--target-dir")
            .arg(target)
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        if directory.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success());
    }
    directory.to_owned()
});

fn plugin(name: &str) -> PathBuf {
    BUILT.join(format!("{DLL_PREFIX}{}{DLL_SUFFIX}", name.replace('-', "_")))
}

fn run<const N: usize>(arguments: [&dyn AsRef<std::ffi::OsStr>; N]) -> (i32, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(PROGRAM).args(arguments.map(AsRef::as_ref)).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// `inspect` of a plugin, without what differs from machine to machine.
fn inspect(name: &str) -> String {
    let file = plugin(name);
    let (status, text, errors) = run([&"inspect", &file]);
    assert_eq!((status, errors.as_str()), (0, ""));
    let inspected = Inspected::read(&file).unwrap();
    let Toolchain {
        rustc_release, rustc_commit, target, target_features, opt_level, debug_assertions, ..
    } = inspected.descriptor().unwrap().toolchain;
    let assertions = if debug_assertions { "on" } else { "off" };
    let object = format!("{}, {}", inspected.format(), inspected.architecture());
    text.replace(&inspected.path().display().to_string(), "[PATH]")
        .replace(&format!("{} bytes", inspected.size()), "[SIZE]")
        .replace(&object, "[OBJECT]")
        .replace(&inspected.needed().join(", "), "[NEEDED]")
        .replace(&inspected.fingerprint().to_string(), "[FINGERPRINT]")
        .replace(&format!("{rustc_release} ({rustc_commit})"), "[RUSTC]")
        .replace(target, "[TARGET]")
        .replace(&target_features.replace(',', ", "), "[FEATURES]")
        .replace(&format!("level {opt_level}, debug assertions {assertions}"), "[OPTIMISATION]")
}

#[test]
fn inspect_shows_build_interface_and_types() {
    insta::assert_snapshot!(inspect("codec-lz4"), @r#"
    codec-lz4 0.1.0
      file              [PATH]
      size              [SIZE]
      object            [OBJECT]
      needs             [NEEDED]
      fingerprint       [FINGERPRINT]
      compiler          rustc [RUSTC]
      target            [TARGET], 64 bits, little-endian
      target features   [FEATURES]
      panic strategy    unwind
      plugin-core ABI   format 1
      optimisation      [OPTIMISATION]
      logs              not forwarded

    provides codec_api::Codec 0.1.0: Send + Sync
      fn name(&self) -> &str
      fn compress(&self, input: &[u8]) -> Result<Vec<u8>, CodecError>
      fn decompress(&self, input: &[u8]) -> Result<Vec<u8>, CodecError>

    types
      enum CodecError: u8  // size 40, alignment 8
        Corrupt = 0
          reason: String  // at 8
        Panicked = 1
          message: String  // at 8
    "#);
}

#[test]
fn inspect_shows_exports() {
    let text = inspect("greeter");
    let (facts, exports) = text.split_once("\n\n").unwrap();
    assert!(facts.ends_with("  logs              log"), "{facts}");
    insta::assert_snapshot!(exports, @r#"
    exports
      fn f()
      fn greet(name: &str) -> String
      static V: AtomicI64
    "#);
}

#[test]
fn json_has_the_documented_keys() {
    let (status, text, _) = run([&"inspect", &"--json", &plugin("codec-lz4")]);
    assert_eq!(status, 0);
    let facts: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(facts["name"], "codec-lz4");
    assert_eq!(facts["toolchain"]["logs"], serde_json::json!([]));
    assert_eq!(facts["toolchain"]["rustc_release"], Toolchain::CURRENT.rustc_release);
    assert_eq!(facts["interfaces"][0]["methods"][0]["signature"], "fn name(&self) -> &str");
    assert_eq!(facts["types"][0]["variants"][0]["fields"][0]["offset"], 8);

    let (_, help, _) = run([&"inspect", &"--help"]);
    let (_, documented) = help.split_once("JSON keys").unwrap();
    let documented: BTreeSet<&str> = documented.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let mut open = vec![&facts];
    while let Some(value) = open.pop() {
        for (key, value) in value.as_object().into_iter().flatten() {
            assert!(documented.contains(key.as_str()), "`{key}` is not in `--help`");
            open.push(value);
        }
        open.extend(value.as_array().into_iter().flatten());
    }
}

#[test]
fn a_plugin_with_the_same_interface_fits() {
    let (status, text, errors) =
        run([&"check", &plugin("codec-deflate"), &"--against", &plugin("codec-lz4")]);
    assert_eq!((status, errors.as_str()), (0, ""));
    insta::assert_snapshot!(text, @"fits: a host built like codec-lz4 0.1.0 accepts codec-deflate 0.1.0 (compared: build, 1 interface, 0 symbols)");
}

#[test]
fn a_drifted_interface_is_refused() {
    let (status, text, errors) =
        run([&"check", &plugin("codec-drifted"), &"--against", &plugin("codec-lz4")]);
    assert_eq!((status, errors.as_str()), (1, ""));
    insta::assert_snapshot!(text, @r#"
    refused: codec-drifted 0.1.0 does not fit a host built like codec-lz4 0.1.0
      Codec::decompress: expected method `fn(&self, &[u8]) -> Result<Vec<u8>, CodecError>`, found none
      Codec::compress → argument input: expected &[u8], found &str
      Codec::compress → result → Result<Vec<u8>, CodecError> → CodecError::Corrupt.reason: expected String at offset 8, found none
      Codec::compress → result → Result<Vec<u8>, CodecError> → CodecError::Corrupt.offset: expected none, found u64 at offset 8
      help: a method more without `#[since]` is a breaking change: rebuild the plugin against `codec_api` 0.1.0, or give the method a default and `#[since("0.1.0")]` at the end of the trait, so that older plugins fit
      help: plugin and host were built against two states of `codec_api` 0.1.0: rebuild the plugin against the host's, and give an incompatible change an incompatible version
    "#);
}

#[test]
fn what_is_missing_is_refused() {
    let (status, text, _) =
        run([&"check", &plugin("greeter"), &"--against", &plugin("codec-lz4"), &"--any-rustc"]);
    assert_eq!(status, 1);
    insta::assert_snapshot!(text, @r#"
    refused: greeter 0.1.0 does not fit a host built like codec-lz4 0.1.0
      provided interfaces: expected codec_api::Codec 0.1.0, found none
      help: implement codec_api::Codec under `#[export_plugin]`
    "#);
    let (status, text, _) = run([&"check", &plugin("codec-lz4"), &"--against", &plugin("greeter")]);
    assert_eq!(status, 1);
    insta::assert_snapshot!(text, @r#"
    refused: codec-lz4 0.1.0 does not fit a host built like greeter 0.1.0
      f: expected `fn()`, found none
      greet: expected `fn(&str) -> String`, found none
      V: expected `AtomicI64`, found none
      help: export `f` from the plugin's module
      help: export `greet` from the plugin's module
      help: export `V` from the plugin's module
    "#);
}

#[test]
fn what_is_no_plugin_is_an_error_with_its_cause() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let (status, text, errors) = run([&"inspect", &manifest]);
    assert_eq!((status, text.as_str()), (2, ""));
    insta::assert_snapshot!(errors.replace(&manifest.display().to_string(), "[PATH]"), @r#"
    error: [PATH] is not a shared library that can be a plugin
      because: expected a shared library (ELF, PE or Mach-O), found a file that begins with "[package]\nname ="
    "#);
    assert_eq!(run([&"check", &plugin("greeter"), &"--against", &manifest]).0, 2);
    assert_eq!(run([&"check", &plugin("greeter")]).0, 2);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(PROGRAM)
        .args(["inspect", "--json"])
        .arg(plugin("codec-lz4"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
