//! Files that are trusted by their signatures.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use integration::Stage;
use minisign::KeyPair;
use plugin_host::{
    Digest, DigestAlgorithm, Host, Inspected, PublicKey, Revocations, Signers, TrustError, Version,
    comment_to_sign, signature_file,
};
use probe_api::{Named, Probe};

use super::{copy, list, tracing, untrusted};

/// When everything here is signed: a second after midnight on the first of January 1970.
const SIGNED: u64 = 1;

/// The key of a signer.
pub(super) struct Key(KeyPair);

impl Key {
    pub(super) fn new() -> Self {
        Self(KeyPair::generate_unencrypted_keypair().unwrap())
    }

    pub(super) fn public(&self) -> PublicKey {
        self.0.pk.to_box().unwrap().into_string().parse().unwrap()
    }

    /// Signs a plugin as it should be signed.
    pub(super) fn sign(&self, plugin: &Path) {
        let inspected = Inspected::read(plugin).unwrap();
        let at = UNIX_EPOCH + Duration::from_secs(SIGNED);
        self.sign_as(plugin, &comment_to_sign(&inspected.descriptor().unwrap(), at));
    }

    fn sign_as(&self, plugin: &Path, comment: &str) {
        let bytes = fs::File::open(plugin).unwrap();
        let signature = minisign::sign(Some(&self.0.pk), &self.0.sk, bytes, Some(comment), None).unwrap();
        fs::write(signature_file(plugin), signature.to_string()).unwrap();
    }

    /// A host that takes what this key signs.
    pub(super) fn host(&self) -> Host {
        host(Signers::new().accepting(self.public()))
    }
}

fn host(signers: Signers) -> Host {
    // SAFETY: only these tests have the keys.
    unsafe { Host::trusting_signers(signers) }
}

/// A plugin that leaves the trace `ran` beside it, which nobody has signed yet.
fn plugin() -> (Stage, PathBuf) {
    let stage = Stage::new();
    let path = stage.write("libprobe.so", tracing(&stage.path().join("ran")));
    (stage, path.canonicalize().unwrap())
}

#[track_caller]
fn refused(host: &Host, path: &Path) -> TrustError {
    let error = untrusted(host.open(path).unwrap_err());
    assert!(!path.with_file_name("ran").exists(), "nothing of it runs");
    error
}

#[test]
fn a_signed_file_opens_wherever_it_lies_and_keeps_its_name() {
    let (key, other) = (Key::new(), Key::new());
    let (stage, path) = plugin();
    key.sign(&path);
    let host = host(Signers::new().accepting(other.public()).accepting(key.public()));
    let plugin = host.open(&path).unwrap();
    assert_eq!((plugin.path(), plugin.root::<dyn Probe>().unwrap().name()), (&*path, "plain"));
    assert_eq!(key.host().searching(stage.path()).open("probe").unwrap(), plugin);
    assert_eq!(stage.host().open("probe").unwrap(), plugin);

    // A link leads to the signature of the file.
    let link = stage.path().join("link.so");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert_eq!(key.host().open(&link).unwrap(), plugin);
}

#[test]
fn what_no_accepted_key_signed_is_refused() {
    let (key, other) = (Key::new(), Key::new());
    let (_stage, path) = plugin();
    let host = key.host();
    let error = refused(&host, &path);
    assert!(
        matches!(&error, TrustError::Unsigned { expected, .. } if *expected == signature_file(&path)),
        "{error:?}"
    );

    other.sign(&path);
    let error = refused(&host, &path);
    let TrustError::UnknownKey { expected, found, .. } = &error else { panic!("{error:?}") };
    assert_eq!((&**expected, *found), (&[key.public().id()][..], other.public().id()));

    fs::write(signature_file(&path), "not a signature").unwrap();
    assert!(matches!(refused(&host, &path), TrustError::MalformedSignature { .. }));
}

#[test]
fn a_signature_is_one_of_these_bytes_and_of_this_comment() {
    let key = Key::new();
    let (_stage, path) = plugin();
    key.sign(&path);
    let signature = fs::read_to_string(signature_file(&path)).unwrap();
    fs::write(signature_file(&path), signature.replace("version:0.3.0", "version:9.1.0")).unwrap();
    assert!(matches!(refused(&key.host(), &path), TrustError::Forged { .. }));

    fs::write(signature_file(&path), signature).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes.push(0);
    fs::write(&path, bytes).unwrap();
    let error = refused(&key.host(), &path);
    assert!(matches!(&error, TrustError::Forged { key: by, .. } if *by == key.public().id()), "{error:?}");
}

/// Nobody can pass one signed file off as another.
#[test]
fn the_comment_names_what_the_plugin_says_it_is() {
    let key = Key::new();
    let (_stage, path) = plugin();
    let target = Inspected::read(&path).unwrap().descriptor().unwrap().toolchain.target.to_owned();
    let good = format!("plugin:probe version:0.3.0 target:{target}");
    for (wrong, field, found) in [
        (good.replace("plugin:probe", "plugin:probes"), "plugin", Some("probes")),
        (good.replace("version:0.3.0", "version:0.3.1"), "version", Some("0.3.1")),
        (good.replace(&target, "mips-unknown-linux-gnu"), "target", Some("mips-unknown-linux-gnu")),
        (good.replace("version:", "versions:"), "version", None),
        (format!("{good} plugin:probe"), "plugin", None),
        (String::new(), "plugin", None),
    ] {
        key.sign_as(&path, &wrong);
        let error = refused(&key.host(), &path);
        let TrustError::Comment { field: of, found: read, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*of, read.as_deref()), (field, found), "{wrong}");
    }
    key.sign_as(&path, &good);
    key.host().open(&path).unwrap();
}

#[test]
fn keys_files_and_versions_are_revoked() {
    let key = Key::new();
    let (_stage, path) = plugin();
    key.sign(&path);
    let digest = |algorithm| Digest::of_file(algorithm, &path).unwrap().to_string();
    let revoking = |line: &str| {
        let revocations: Revocations = line.parse().unwrap();
        host(Signers::new().accepting(key.public()).revoking(revocations))
    };
    let of_key = refused(&revoking(&format!("key {}", key.public().id())), &path);
    assert!(matches!(of_key, TrustError::RevokedKey { .. }), "{of_key:?}");
    for algorithm in [DigestAlgorithm::Sha256, DigestAlgorithm::Blake3] {
        let line = digest(algorithm).replacen(' ', " (any) = ", 1);
        let of_file = refused(&revoking(&line), &path);
        assert!(matches!(of_file, TrustError::RevokedFile { .. }), "{of_file:?}");
    }
    let of_version = refused(&revoking("minimum probe 0.3.1"), &path);
    let TrustError::Rollback { expected, found, .. } = &of_version else { panic!("{of_version:?}") };
    assert_eq!((&**expected, &**found), ("0.3.1", "0.3.0"));
    let newer = Signers::new().accepting(key.public()).at_least("probe", Version::new(1, 0, 0));
    assert!(matches!(refused(&host(newer), &path), TrustError::Rollback { .. }));

    revoking("minimum probe 0.3.0\nminimum others 7.0.0\nkey 0123456789ABCDEF").open(&path).unwrap();
}

#[test]
fn a_retired_key_vouches_for_what_it_signed_before() {
    let key = Key::new();
    let (_stage, path) = plugin();
    key.sign(&path);
    let until = |seconds| {
        host(Signers::new().accepting_until(key.public(), UNIX_EPOCH + Duration::from_secs(seconds)))
    };
    let error = refused(&until(SIGNED), &path);
    assert!(matches!(error, TrustError::RetiredKey { .. }), "{error:?}");
    let comment = fs::read_to_string(signature_file(&path)).unwrap();
    let comment = comment.lines().nth(2).unwrap().replace("trusted comment: timestamp:1\t", "");
    key.sign_as(&path, &comment);
    let error = refused(&until(SIGNED + 1), &path);
    assert!(matches!(error, TrustError::RetiredKey { signed: None, .. }), "{error:?}");
    key.sign(&path);
    until(SIGNED + 1).open(&path).unwrap();
}

/// A pipe beside a plugin does not hang the host.
#[test]
fn a_signature_is_read_as_carefully_as_a_plugin() {
    let key = Key::new();
    let (_stage, path) = plugin();
    assert!(std::process::Command::new("mkfifo").arg(signature_file(&path)).status().unwrap().success());
    assert!(matches!(refused(&key.host(), &path), TrustError::UnreadableSignature { .. }));
}

#[test]
fn any_kind_of_trust_suffices_and_all_say_why_none_does() {
    let key = Key::new();
    let stage = Stage::new();
    let path = copy(&stage, "lifecycle");
    // SAFETY: the tests' own files.
    let neither = unsafe { key.host().and_digests(list(&[])) };
    let TrustError::ByNone { reasons } = untrusted(neither.open(&path).unwrap_err()) else { panic!() };
    assert!(matches!(&reasons[..], [TrustError::Unsigned { .. }, TrustError::Digest { .. }]), "{reasons:?}");
    // SAFETY: as above.
    let either = unsafe { key.host().and_digests(list(&[&path])) };
    assert_eq!(either.open(&path).unwrap().root::<dyn Named>().unwrap().name(), "alive");
    key.sign(&path);
    neither.open(&path).unwrap();
    // SAFETY: as above.
    unsafe { key.host().and_dir(stage.path()) }.unwrap().open("lifecycle").unwrap();
}
