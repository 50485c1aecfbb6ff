//! Who is trusted, and that what was verified is what runs.

mod changes;
mod digests;
mod mounts;
mod signatures;

use std::{
    fs,
    path::{Path, PathBuf},
};

use integration::{Stage, constructed};
use plugin_host::{Digest, DigestAlgorithm, DigestEntry, DigestList, Host, OpenError, TrustError};

use crate::fixture;

/// The probe, whose constructor writes the file `trace`.
///
/// Two of these differ in nothing but this: no comparison of descriptors tells them apart.
fn tracing(trace: &Path) -> Vec<u8> {
    let library = fixture("probe");
    let from = constructed(&library, "probe");
    let (from, to) = (from.to_str().unwrap(), trace.to_str().unwrap());
    // A path of the same length: slashes in a row are one.
    assert!(to.len() <= from.len(), "{to} is longer than {from}");
    let to = format!("{}{to}", "/".repeat(from.len() - to.len()));
    let mut bytes = fs::read(library).unwrap();
    let places: Vec<_> =
        (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from.as_bytes())).collect();
    assert!(!places.is_empty(), "the probe holds {from}");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

fn list(files: &[&Path]) -> DigestList {
    let entry = |file: &&Path| DigestEntry {
        digest: Digest::of_file(DigestAlgorithm::Sha256, file).unwrap(),
        file: file.file_name().unwrap().to_str().unwrap().to_owned(),
        plugin: None,
    };
    DigestList::new(files.iter().map(entry).collect()).unwrap()
}

fn trusting(files: &[&Path]) -> Host {
    // SAFETY: the files are the tests' own.
    unsafe { Host::trusting_digests(list(files)) }
}

fn untrusted(error: OpenError) -> TrustError {
    match error {
        OpenError::Untrusted(error) => error,
        other => panic!("expected a lack of trust, found {other:?}"),
    }
}

/// A copy of a fixture where a name of the test's own leads to it.
fn copy(stage: &Stage, package: &str) -> PathBuf {
    stage.add(&fixture(package)).canonicalize().unwrap()
}
