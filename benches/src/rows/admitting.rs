//! Row 12: what it costs to admit a plugin by its bytes, and the parts of it.

use std::{
    fs::{self, File},
    hint::black_box,
    io::{self, Write},
    path::Path,
};

use plugin_host::{Digest, DigestAlgorithm, DigestEntry, DigestList, Host};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

use super::{Bench, Found, opening::Size};
use crate::{
    Outcome,
    results::Finding,
    rounds::{case, interleave},
};

/// Bytes of the file: those of a plugin, and padding that no loader looks at.
const LENGTH: usize = 400_000;

pub(super) fn admitting(bench: &Bench) -> Outcome<Found> {
    let scratch = bench.plugins.scratch()?;
    let mut bytes = fs::read(bench.plugins.library(Size::One.package()))?;
    bytes.resize(LENGTH, 0);
    let file = &scratch.path().join("libadmitted.so");
    fs::write(file, &bytes)?;
    // SAFETY: the directory holds a copy of what was built from this repository.
    let by_directory = &unsafe { Host::trusting_dir(scratch.path()) }?;
    let bytes = &bytes;

    let mut found = Found::default();
    for (what, algorithm) in [("SHA-256", DigestAlgorithm::Sha256), ("BLAKE3", DigestAlgorithm::Blake3)] {
        let digest = Digest::of(algorithm, bytes);
        let entry = DigestEntry { digest, file: "libadmitted.so".to_owned(), plugin: None };
        // SAFETY: as above.
        let by_digest = unsafe { Host::trusting_digests(DigestList::new(vec![entry])?) };
        by_digest.verify(file)?;
        let compared = interleave(
            bench.effort,
            vec![
                case!("whole", by_digest.verify(file)),
                case!("read", fs::read(file)),
                case!("copy", sealed_copy(file)),
                case!("hash", Digest::of(algorithm, black_box(bytes))),
                case!("verify", by_directory.verify(file)),
            ],
        );
        let sum: f64 = ["read", "copy", "hash", "verify"].iter().map(|part| compared.of(part)).sum();
        let what = format!("{what} of 400 kB, against the sum of its parts");
        found.findings.push(Finding::ratio(what, compared.of("whole") / sum, 1.2, compared.parts()));
    }
    Ok(found)
}

/// A copy of a file that nobody can change any more.
fn sealed_copy(file: &Path) -> Outcome<File> {
    let mut copy = File::from(memfd_create("copy", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
    io::copy(&mut File::open(file)?, &mut copy)?;
    copy.flush()?;
    fcntl_add_seals(&copy, SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    Ok(copy)
}
