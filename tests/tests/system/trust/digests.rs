//! Files that are trusted by their digests.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    sync::atomic::{AtomicU32, Ordering::SeqCst},
};

use integration::{Child, Stage};
use plugin_host::{Digest, DigestAlgorithm, DigestEntry, DigestList, Host, OpenError, Plugin, TrustError};
use probe_api::{Named, Probe};

use super::{copy, list, tracing, trusting, untrusted};
use crate::{chain, fixture};

fn starts(plugin: &Plugin) -> u32 {
    plugin.lookup::<AtomicU32>("STARTED").unwrap().load(SeqCst)
}

#[test]
fn a_listed_file_opens_wherever_it_lies_and_keeps_its_name() {
    let stage = Stage::new();
    fs::set_permissions(stage.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let path = copy(&stage, "lifecycle");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let host = trusting(&[&path]);
    let plugin = host.open(&path).unwrap();
    assert_eq!((plugin.name(), plugin.path()), ("lifecycle", &*path));
    assert_eq!(plugin.root::<dyn Named>().unwrap().name(), "alive");
    assert_eq!(host.searching(stage.path()).open("lifecycle").unwrap(), plugin);

    // Under another name, too: it is the bytes that are listed.
    let renamed = stage.path().join("renamed.so");
    fs::copy(&path, &renamed).unwrap();
    assert_eq!(starts(&trusting(&[&path]).open(&renamed).unwrap()), 1);
}

#[test]
fn an_unlisted_file_is_refused_by_its_digest_and_does_not_run() {
    let stage = Stage::new();
    let path = stage.write("libprobe.so", tracing(&stage.path().join("ran")));
    let good = Stage::new();
    let listed = good.write("libprobe.so", tracing(&good.path().join("ran")));
    let host = trusting(&[&listed]);
    let error = untrusted(host.open(&path).unwrap_err());
    let digest = |path| Digest::of_file(DigestAlgorithm::Sha256, path).unwrap();
    let TrustError::Digest { path: of, expected, found } = &error else { panic!("{error:?}") };
    assert_eq!(
        (of, &**expected, *found),
        (&path.canonicalize().unwrap(), &[digest(&listed)][..], digest(&path))
    );
    assert!(error.to_string().contains(&format!("found {found}, expected {}", expected[0])), "{error}");

    let unknown = trusting(&[]).open(&path).unwrap_err();
    assert!(chain(&unknown).contains("of which there is none"), "{unknown}");
    assert!(!stage.path().join("ran").exists());
}

#[test]
fn both_algorithms_are_accepted() {
    let stage = Stage::new();
    let path = copy(&stage, "probe-original");
    for algorithm in [DigestAlgorithm::Sha256, DigestAlgorithm::Blake3] {
        let digest = Digest::of_file(algorithm, &path).unwrap();
        assert_eq!(digest, Digest::of(algorithm, &fs::read(&path).unwrap()));
        let entry = DigestEntry { digest, file: "any".to_owned(), plugin: None };
        // SAFETY: the test's own file.
        let host = unsafe { Host::trusting_digests(DigestList::new(vec![entry]).unwrap()) };
        assert_eq!(host.open_root::<dyn Probe>(&path).unwrap().name(), "plain");
    }
}

#[test]
fn one_file_is_one_plugin_whoever_vouches_for_it() {
    let stage = Stage::new();
    let path = copy(&stage, "lifecycle");
    let by_digest = trusting(&[&path]);
    let plugin = by_digest.open(&path).unwrap();
    assert_eq!(by_digest.open(&path).unwrap(), plugin);
    assert_eq!(trusting(&[&path]).open(&path).unwrap(), plugin);
    assert_eq!(stage.host().open(&path).unwrap(), plugin);
    assert_eq!(starts(&plugin), 1);

    let path = stage.add_as(&fixture("lifecycle"), "libother.so");
    let plugin = stage.host().open("other").unwrap();
    assert_eq!(trusting(&[&path]).open(&path).unwrap(), plugin);
}

/// The old bytes run on, and nobody gets them for the new ones.
#[test]
fn a_file_that_was_rewritten_since_it_was_opened_is_not_taken_for_the_old_one() {
    let body = || {
        let stage = Stage::new();
        let path = stage.write("libplugin.so", tracing(&stage.path().join("old")));
        let host = trusting(&[&path]);
        let plugin = host.open(&path).unwrap();
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, tracing(&stage.path().join("new"))).unwrap();
        let back_then =
            |time| fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();

        // As if nothing had happened: neither its size nor its time tells.
        back_then(time);
        assert_eq!(host.open(&path).unwrap(), plugin);
        let error = untrusted(trusting(&[&path]).open(&path).unwrap_err());
        assert!(matches!(error, TrustError::Rewritten { .. }), "{error:?}");
        assert!(error.to_string().contains("replace plugins by renaming"), "{error}");
        assert!(!stage.path().join("new").exists());

        // As files are written: another plugin, for those who want the new bytes.
        back_then(std::time::UNIX_EPOCH);
        assert!(matches!(untrusted(host.open(&path).unwrap_err()), TrustError::Digest { .. }));
        assert_ne!(trusting(&[&path]).open(&path).unwrap(), plugin);
        assert!(stage.path().join("new").exists());
        assert_eq!(plugin.root::<dyn Probe>().unwrap().name(), "plain");
    };
    Child::of("trust::digests::a_file_that_was_rewritten_since_it_was_opened_is_not_taken_for_the_old_one")
        .passes(body);
}

/// A file system gives the number of a deleted file to the next one; the plugin's file is kept from that.
#[test]
fn a_new_file_is_never_taken_for_one_that_was_deleted() {
    let stage = Stage::new();
    let path = copy(&stage, "lifecycle");
    let host = trusting(&[&path]).side_by_side();
    let old = host.open(&path).unwrap();
    let number = fs::metadata(&path).unwrap().ino();
    fs::remove_file(&path).unwrap();
    for _ in 0..20 {
        stage.add(&fixture("lifecycle"));
        assert_ne!(fs::metadata(&path).unwrap().ino(), number);
        fs::remove_file(&path).unwrap();
    }
    stage.add(&fixture("lifecycle"));
    assert_ne!(host.open(&path).unwrap(), old);
}

/// Opened again after its start failed, the same code is not mapped once more.
#[test]
fn a_failed_start_leaves_one_copy_behind() {
    let body = || {
        let stage = Stage::new();
        let path = copy(&stage, "lifecycle");
        let host = trusting(&[&path]);
        let reason = stage.write("fail-in-init", "");
        for _ in 0..3 {
            let error = host.open(&path).unwrap_err();
            assert!(matches!(error, OpenError::Init { .. }), "{error:?}");
        }
        fs::remove_file(reason).unwrap();
        assert_eq!(starts(&host.open(&path).unwrap()), 4, "its `#[init]` ran in one library");
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let starts =
            maps.lines().filter(|line| line.contains("memfd:liblifecycle.so") && line.contains(" 00000000 "));
        assert_eq!(starts.count(), 1, "{maps}");
    };
    Child::of("trust::digests::a_failed_start_leaves_one_copy_behind").passes(body);
}

#[test]
fn a_searched_directory_is_not_a_trusted_one() {
    let stage = Stage::new();
    let path = copy(&stage, "lifecycle");
    let other = Stage::new();
    let host = trusting(&[]).searching(stage.path().join("missing")).searching(stage.path());
    assert_eq!(host.discover().unwrap(), [stage.path().join("liblifecycle.so")]);
    assert!(matches!(untrusted(host.open("lifecycle").unwrap_err()), TrustError::Digest { .. }));
    let host = other.host().searching(stage.path());
    assert!(matches!(untrusted(host.open("lifecycle").unwrap_err()), TrustError::Outside { .. }));

    // One of several kinds of trust is enough; what none admits is refused by the reasons of all.
    // SAFETY: the test's own file.
    let host = unsafe { host.and_digests(list(&[])) };
    let TrustError::ByNone { reasons } = untrusted(host.open("lifecycle").unwrap_err()) else { panic!() };
    assert!(matches!(&reasons[..], [TrustError::Outside { .. }, TrustError::Digest { .. }]), "{reasons:?}");
    // SAFETY: as above.
    let host = unsafe { host.and_digests(list(&[&path])) };
    assert_eq!(host.open("lifecycle").unwrap().path(), path);
}
