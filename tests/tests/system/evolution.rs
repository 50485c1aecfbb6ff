//! An interface in three releases: every plugin works in every host, as far as the older of the two goes.

use std::{
    fs,
    path::Path,
    process::Command,
    sync::atomic::{AtomicI64, AtomicU32, Ordering::Relaxed},
};

use integration::{Stage, command_line, patch_text};
use plugin_host::{Host, LookupError, Optional as _, Plugin, RootError, symbol};
use store_api::{v1_0, v1_1, v1_2};

use crate::{fixture, refusal};

const PLUGINS: [&str; 3] = ["store-1-0", "store-1-1", "store-1-2"];

fn stage() -> Stage {
    let stage = Stage::new();
    PLUGINS.iter().for_each(|plugin| drop(stage.add(&fixture(plugin))));
    stage
}

#[test]
fn every_plugin_works_in_a_host_of_release_1_0() {
    use v1_0::Store;
    let stage = stage();
    let host = stage.host().expecting::<dyn Store>();
    for (plugin, expected) in PLUGINS.into_iter().zip([("old", 11), ("middle", 21), ("new", 31)]) {
        let store = host.open(plugin).unwrap().root::<dyn Store>().unwrap();
        assert_eq!((store.name(), store.get(1)), expected, "{plugin}");
    }
}

#[test]
fn every_plugin_works_in_a_host_of_release_1_1() {
    use v1_1::Store;
    let stage = stage();
    let host = stage.host().expecting::<dyn Store>();
    for (plugin, expected) in PLUGINS.into_iter().zip([
        // Defaults: the sum of 10 and 11, and what `name` begins with.
        ("old", 11, 21, "o"),
        ("middle", 21, 1002, "m"),
        ("new", 31, 2002, "N"),
    ]) {
        let store = host.open(plugin).unwrap().root::<dyn Store>().unwrap();
        assert_eq!((store.name(), store.get(1), store.sum(2), store.initial()), expected, "{plugin}");
    }
}

#[test]
fn every_plugin_works_in_a_host_of_release_1_2() {
    use v1_2::Store;
    let stage = stage();
    let host = stage.host().expecting::<dyn Store>();
    for (plugin, shared, owned) in [
        // Half of the default's sum; a default cannot set, and says so.
        ("store-1-0", ("old", 11, 21, "o", 10, 11), (Err("old keeps 10 at 0, not 9"), 10)),
        // Half of the plugin's own sum.
        ("store-1-1", ("middle", 21, 1002, "m", 501, 21), (Err("middle keeps 20 at 0, not 9"), 20)),
        ("store-1-2", ("new", 31, 2002, "N", 3002, 4001), (Ok(30), 9)),
    ] {
        let plugin = host.open(plugin).unwrap();
        let store = plugin.root::<dyn Store>().unwrap();
        // SAFETY: every store has a number at every place.
        let unchecked = unsafe { store.get_unchecked(1) };
        let found = (store.name(), store.get(1), store.sum(2), store.initial(), store.mean(2), unchecked);
        assert_eq!(found, shared, "{plugin}");
        let mut own = plugin.instantiate::<dyn Store>().unwrap();
        let old = own.set(0, 9);
        assert_eq!((old.as_ref().copied().map_err(String::as_str), own.get(0)), owned, "{plugin}");
    }
}

#[test]
fn an_interface_that_the_older_side_does_not_have_is_asked_for_in_vain() {
    let stage = stage();
    // A host that does not know it opens the newer plugin all the same.
    assert!(stage.host().expecting::<dyn v1_0::Store>().open("store-1-2").is_ok());

    let host = stage.host().expecting::<dyn v1_2::Store>().expecting::<dyn v1_2::Keys>();
    let keys = |plugin: &Plugin| plugin.root::<dyn v1_2::Keys>().map(|keys| v1_2::Keys::count(&*keys));
    assert_eq!(keys(&host.open("store-1-2").unwrap()).unwrap(), 5);
    let old = host.open("store-1-0").unwrap();
    let error = keys(&old).unwrap_err();
    let RootError::Refused(reason) = &error else { panic!("{error:?}") };
    assert_eq!(
        reason.mismatches()[0].to_string(),
        "provided interfaces: expected store_api::Keys 1.2.0, found store_api::Store 1.0.0"
    );
    assert_eq!(v1_2::Store::name(&*old.root::<dyn v1_2::Store>().unwrap()), "old");
    // Who needs it does not load the plugin.
    assert_eq!(refusal(host.open_root::<dyn v1_2::Keys>("store-1-1").unwrap_err()).len(), 1);
}

#[test]
fn an_export_that_an_older_plugin_lacks_is_missing_and_nothing_else_is() {
    let stage = stage();
    let host = stage.host();
    for (plugin, scaled, limit) in
        [("store-1-0", None, None), ("store-1-1", Some(6), Some(7)), ("store-1-2", Some(8), Some(8))]
    {
        let plugin = host.open(plugin).unwrap();
        assert_eq!(plugin.lookup_fn::<fn() -> u32>("format").unwrap().call(), 1);
        let by_type = plugin.lookup_fn::<fn(u32) -> u32>("scale").optional().unwrap();
        assert_eq!(by_type.map(|scale| scale.call(2)), scaled, "{plugin}");
        let by_name = symbol!(plugin, scale: fn(number: u32) -> u32).optional().unwrap();
        assert_eq!(by_name.map(|scale| scale(2)), scaled, "{plugin}");
        let found = plugin.lookup::<AtomicU32>("LIMIT").optional().unwrap();
        assert_eq!(found.map(|limit| limit.load(Relaxed)), limit, "{plugin}");
    }
    let missing = host.open("store-1-0").unwrap().lookup::<AtomicU32>("LIMIT").unwrap_err();
    assert!(matches!(missing, LookupError::Missing { .. }), "{missing:?}");
    // Another type is no older plugin.
    let newest = host.open("store-1-2").unwrap();
    let error = newest.lookup::<AtomicI64>("LIMIT").optional().unwrap_err();
    assert!(matches!(error, LookupError::WrongType { .. }), "{error:?}");
    let error = newest.lookup_fn::<fn()>("LIMIT").map(drop).optional().unwrap_err();
    assert!(matches!(error, LookupError::WrongKind { .. }), "{error:?}");
}

/// Whatever a plugin says of its version, cargo's rule decides; and structure is compared in any case.
#[test]
fn no_claim_of_a_version_gets_around_the_rule() {
    use changes::after::BuildMetadata::BuildMetadata;
    // The longest version among the fixtures: what is claimed in its place fits in.
    const HAS: &str = "1.0.0+windows.2";
    let library = fs::read(fixture("changes-after")).unwrap();
    let stage = Stage::new();
    let claim = |version: &str| {
        stage.write("libclaims.so", patch_text(&library, HAS, version));
        let host: Host = stage.host();
        match host.expecting::<dyn BuildMetadata>().verify("claims") {
            Ok(_) => Vec::new(),
            Err(error) => refusal(error),
        }
    };
    for version in ["1.0.0", "1.0.7", "1.9.0", "1.0.0+", "1.0.0-rc.1", "1.0.0+2.0.0"] {
        let expected = match version {
            // No semantic version: nothing follows the plus.
            "1.0.0+" => 1,
            _ => 0,
        };
        assert_eq!(claim(version).len(), expected, "{version}");
    }
    for version in ["2.0.0", "0.0.0", "0.1.0", "1.1.0-rc.1", "99999999999.0.0", "2.0.0+1.0.0", "2.0.0-1.0.0"]
    {
        assert_eq!(
            claim(version),
            [format!(
                "BuildMetadata: expected version {HAS} or one compatible with it, found version {version}"
            )]
        );
    }
    for version in [
        "",
        "*",
        "x",
        "1",
        "1.0",
        "1.*",
        "^1.0.0",
        ">=0.0.0",
        "=1.0.0",
        "1.0.0 ",
        " 1.0.0",
        "01.0.0",
        "v1.0.0",
        "1.0.0-",
        "1.0.0-01",
        "-1.0.0",
        "1.0.0, 2.0.0",
    ] {
        assert_eq!(
            claim(version),
            [format!(
                "BuildMetadata: expected version {HAS} or one compatible with it, found `{version}`, which is no semantic version"
            )]
        );
    }
}

#[test]
fn notes_say_which_side_is_newer() {
    let stage = stage();
    let notes = |host: Host, plugin| {
        let notes = host.verify(plugin).unwrap().notes();
        assert!(notes.iter().all(|note| note.advice.is_empty()), "{notes:?}");
        notes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let newest = || stage.host().expecting::<dyn v1_2::Store>();
    assert_eq!(notes(newest(), "store-1-2"), [""; 0]);
    assert_eq!(
        notes(newest(), "store-1-1"),
        [
            "Store: the plugin is older: 1.1.0, compatible with the host's 1.2.0",
            "Store::mean: the plugin lacks it; the host's default runs (since 1.2.0)",
            "Store::get_unchecked: the plugin lacks it; the host's default runs (since 1.2.0)",
            "Store::set: the plugin lacks it; the host's default runs (since 1.2.0)",
        ]
    );
    assert_eq!(
        notes(stage.host().expecting::<dyn v1_0::Store>(), "store-1-1"),
        [
            "Store: the plugin is newer: 1.1.0, compatible with the host's 1.0.0",
            "Store::sum: the host does not know it and never calls it (since 1.1.0)",
            "Store::initial: the host does not know it and never calls it (since 1.1.0)",
        ]
    );
}

/// An author compares a new build with the last release.
#[test]
fn the_command_line_says_why_a_plugin_fits_and_what_breaks_others() {
    let program = command_line();
    let check = |file: &Path, other: &str| {
        let mut command = Command::new(&program);
        let output = command.arg("check").arg(file).arg("--against").arg(fixture(other)).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let (status, text) = check(&fixture("store-1-1"), "store-1-0");
    assert_eq!(status, 0);
    insta::assert_snapshot!(text, @"
    fits: a host built like store-1-0 1.0.0 accepts store-1-1 1.1.0 (compared: build, 1 interface, 1 symbol)
      note: Store: the plugin is newer: 1.1.0, compatible with the host's 1.0.0
      note: Store::sum: the host does not know it and never calls it (since 1.1.0)
      note: Store::initial: the host does not know it and never calls it (since 1.1.0)
    ");
    let (status, text) = check(&fixture("store-1-2"), "store-1-0");
    assert_eq!(status, 0);
    let unknown = "  note: provided interfaces: store_api::Keys 1.2.0, which the host does not know";
    assert!(text.contains(unknown), "{text}");

    // As if the last method had come without its mark: no call is wrong, and every older plugin is.
    let stage = Stage::new();
    let library = fs::read(fixture("store-1-1")).unwrap();
    let careless = stage.write("libcareless.so", patch_text(&library, "1.1.0", ""));
    let (status, text) = check(&careless, "store-1-0");
    assert_eq!(status, 0);
    insta::assert_snapshot!(text, @r#"
    fits: a host built like store-1-0 1.0.0 accepts store-1-1 1.1.0 (compared: build, 1 interface, 1 symbol)
      note: Store: the plugin is newer: 1.1.0, compatible with the host's 1.0.0
      note: Store::sum: the host does not know it and never calls it (since 1.1.0)
      note: Store::initial: the host does not know it and never calls it; without `#[since]` it is a breaking change: a host that has it refuses plugins that lack it
      help: give the method a default and `#[since("1.1.0")]`, or the interface the version 2.0.0
    "#);
}
