//! Changes bytes inside the descriptor of a built plugin, and sets its checksum right.

use xxhash_rust::xxh3::xxh3_64;

/// The library with every `from` in its descriptor replaced by `to`, of the same length.
pub fn patch_descriptor(library: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    patch(library, |descriptor| {
        let mut patched = 0;
        for at in 0..=descriptor.len() - from.len() {
            if descriptor[at..].starts_with(from) {
                descriptor[at..at + to.len()].copy_from_slice(to);
                patched += 1;
            }
        }
        assert_ne!(patched, 0, "the descriptor does not contain what is to be replaced");
    })
}

/// The library with one text of its descriptor replaced by another, which may be shorter: texts are named by offset and
/// length.
pub fn patch_text(library: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert!(to.len() <= from.len());
    patch(library, |descriptor| {
        let at = descriptor.windows(from.len()).rposition(|text| text == from.as_bytes()).unwrap();
        descriptor[at..at + to.len()].copy_from_slice(to.as_bytes());
        let reference = |length: usize| [(at as u32).to_le_bytes(), (length as u32).to_le_bytes()].concat();
        let name = descriptor.windows(8).position(|bytes| bytes == reference(from.len())).unwrap();
        descriptor[name..name + 8].copy_from_slice(&reference(to.len()));
    })
}

/// The library after a change to its descriptor, whose checksum is right again.
pub fn patch(library: &[u8], change: impl FnOnce(&mut [u8])) -> Vec<u8> {
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
    change(descriptor);
    let checksum = xxh3_64(&descriptor[16..]);
    descriptor[8..16].copy_from_slice(&checksum.to_le_bytes());
    library
}
