//! Changes bytes inside the descriptor of a built plugin, and sets its checksum right.

use xxhash_rust::xxh3::xxh3_64;

/// The library with every `from` in its descriptor replaced by `to`, of the same length.
pub fn patch_descriptor(library: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let owner = b"plugin-core\0";
    let mut library = library.to_vec();
    // The header of the note is three words and the owner; the second word is the length of the descriptor.
    let start = (12..library.len())
        .find(|at| {
            library[*at..].starts_with(owner) && library[*at - 12..*at - 8] == [owner.len() as u8, 0, 0, 0]
        })
        .unwrap();
    let length = u32::from_le_bytes(library[start - 8..start - 4].try_into().unwrap()) as usize;
    let descriptor = &mut library[start + owner.len()..][..length];
    let mut patched = 0;
    for at in 0..=descriptor.len() - from.len() {
        if descriptor[at..].starts_with(from) {
            descriptor[at..at + to.len()].copy_from_slice(to);
            patched += 1;
        }
    }
    assert_ne!(patched, 0, "the descriptor does not contain what is to be replaced");
    let checksum = xxh3_64(&descriptor[16..]);
    descriptor[8..16].copy_from_slice(&checksum.to_le_bytes());
    library
}
