//! Row 12: what it costs to admit a plugin by its bytes, and the parts of it.

use std::{
    fs::{self, File},
    hint::black_box,
    io::{self, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use plugin_host::{
    Digest, DigestAlgorithm, DigestEntry, DigestList, Host, Inspected, Signers, comment_to_sign,
    signature_file,
};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use sha2::Digest as _;

use super::{Bench, Found, opening::Size};
use crate::{
    Outcome,
    results::Finding,
    rounds::{Case, Comparison, case, interleave},
};

/// Bytes of the file: those of a plugin, and padding that no loader looks at.
const LENGTH: usize = 400_000;

/// Why the whole may take longer than its parts.
const TOGETHER: &str = "each part alone finds its bytes and its memory in the caches, again and again. In the whole, 400 kB are read, written, \
and read again to be hashed, which is more than the nearer caches hold.";

/// A plugin of that length, and what a part needs that takes it from memory.
struct Subject {
    file: PathBuf,
    bytes: Vec<u8>,
    /// Admits what lies in the directory: what is left of an admission when the bytes need not be looked at.
    by_directory: Host,
}

pub(super) fn admitting(bench: &Bench) -> Outcome<Found> {
    let scratch = bench.plugins.scratch()?;
    let mut bytes = fs::read(bench.plugins.library(Size::One.package()))?;
    bytes.resize(LENGTH, 0);
    let file = scratch.path().join("libadmitted.so");
    fs::write(&file, &bytes)?;
    // SAFETY: the directory holds a copy of what was built from this repository.
    let by_directory = unsafe { Host::trusting_dir(scratch.path()) }?;
    let subject = Subject { file, bytes, by_directory };

    let mut found = Found::default();
    let bytes = &subject.bytes;
    for (what, algorithm, hash) in [
        ("SHA-256", DigestAlgorithm::Sha256, case!("hash", sha2::Sha256::digest(black_box(bytes)))),
        ("BLAKE3", DigestAlgorithm::Blake3, case!("hash", blake3::hash(black_box(bytes)))),
    ] {
        let compared = by_digest(bench, &subject, algorithm, hash)?;
        let finding = against_the_sum(what, &compared, &["read", "copy", "hash", "verify"]);
        found.findings.push(finding);
    }
    let compared = by_signature(bench, &subject)?;
    let parts = ["read", "copy", "read the signature", "prehash", "check the signature", "verify"];
    found.findings.push(against_the_sum("minisign", &compared, &parts));
    found.notes.push(
        "`whole` is `Host::verify` on a host that trusts a digest or a key. Its parts, each measured by itself: `read` the file, `copy` it into sealed memory, `hash` it, and `verify` it as a plugin of a trusted directory. Of a signature, the hash is the `prehash` (BLAKE2b); `read the signature` is its file, decoded, and `check the signature` the two Ed25519 signatures in it, one of the prehash and one of the comment.",
    );
    Ok(found)
}

fn against_the_sum(what: &str, compared: &Comparison, parts: &[&str]) -> Finding {
    let what = format!("{what}, 400 kB, against the sum of its parts");
    Finding::ratio(what, compared.ratio_to_sum("whole", parts), 1.2, compared.parts()).why(TOGETHER)
}

/// What every policy has in common that goes by the bytes: reading them, copying them, and verifying a plugin.
fn common(Subject { file, by_directory, .. }: &Subject) -> Vec<Case<'_>> {
    vec![
        case!("read", fs::read(file)),
        case!("copy", sealed_copy(file)),
        case!("verify", by_directory.verify(file)),
    ]
}

fn by_digest(
    bench: &Bench,
    subject: &Subject,
    algorithm: DigestAlgorithm,
    hash: Case<'_>,
) -> Outcome<Comparison> {
    let Subject { file, bytes, .. } = subject;
    let entry =
        DigestEntry { digest: Digest::of(algorithm, bytes), file: "libadmitted.so".to_owned(), plugin: None };
    // SAFETY: the file is a copy of what was built from this repository.
    let host = &unsafe { Host::trusting_digests(DigestList::new(vec![entry])?) };
    host.verify(file)?;
    let mut cases = vec![case!("whole", host.verify(file))];
    cases.extend(common(subject));
    cases.push(hash);
    Ok(interleave(bench.effort, cases))
}

fn by_signature(bench: &Bench, subject: &Subject) -> Outcome<Comparison> {
    let Subject { file, bytes, .. } = subject;
    let pair = minisign::KeyPair::generate_unencrypted_keypair()?;
    let sign = |bytes: &[u8], comment: &str| -> Outcome<String> {
        Ok(minisign::sign(Some(&pair.pk), &pair.sk, bytes, Some(comment), None)?.to_string())
    };
    let inspected = Inspected::read(file)?;
    let comment = comment_to_sign(inspected.head(), SystemTime::now());
    let beside = &signature_file(file);
    fs::write(beside, sign(bytes, &comment)?)?;
    let public = pair.pk.to_box()?.into_string();
    // SAFETY: nobody else has the key, which signs a copy of what was built from this repository.
    let host = &unsafe { Host::trusting_signers(Signers::new().accepting(public.parse()?)) };
    host.verify(file)?;

    let key = &minisign_verify::PublicKey::decode(&public)?;
    let signature = &minisign_verify::Signature::from_file(beside)?;
    key.verify(bytes, signature, false)?;
    // To check a signature of nothing is to check a signature: no time goes into the prehash.
    let of_nothing = &minisign_verify::Signature::decode(&sign(b"", &comment)?)?;
    key.verify(b"", of_nothing, false)?;
    let mut cases = vec![case!("whole", host.verify(file))];
    cases.extend(common(subject));
    cases.extend([
        case!(
            "prehash",
            key.verify_stream(signature).map(|mut stream| {
                stream.update(black_box(bytes));
                stream
            })
        ),
        case!("read the signature", minisign_verify::Signature::from_file(beside)),
        case!("check the signature", key.verify(black_box(b""), of_nothing, false)),
    ]);
    Ok(interleave(bench.effort, cases))
}

/// A copy of a file that nobody can change any more.
fn sealed_copy(file: &Path) -> Outcome<File> {
    let mut copy = File::from(memfd_create("copy", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
    io::copy(&mut File::open(file)?, &mut copy)?;
    copy.flush()?;
    fcntl_add_seals(&copy, SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    Ok(copy)
}
