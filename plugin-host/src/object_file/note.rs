//! The notes that carry descriptors, in the layout of ELF notes (System V ABI, "Note Section") whatever the format:
//!
//! ```text
//! 0..4    size of the owner, its NUL included
//! 4..8    size of the descriptor
//! 8..12   type
//! 12..    owner, padded to the alignment
//! ..      descriptor, padded to the alignment; then the next note
//! ```
//!
//! The integers are in the byte order of the object file, the alignment is 4 or 8.

use object::Endianness;
use object::endian::Endian;

use super::{EmbeddedDescriptor, MAX_DESCRIPTOR_SIZE, MAX_DESCRIPTORS, Marks, ObjectError};

/// A run of notes as it lies in the file.
#[derive(Clone, Copy)]
pub(super) struct Notes<'f> {
    pub(super) bytes: &'f [u8],
    pub(super) alignment: Alignment,
    pub(super) endianness: Endianness,
    /// PE and Mach-O linkers concatenate sections and fill between them with zeros; an ELF linker does not.
    pub(super) zeros_between: bool,
}

/// What owners and descriptors are padded to.
#[derive(Clone, Copy)]
pub(super) enum Alignment {
    Four,
    Eight,
}

impl Alignment {
    /// Below 4 means 4, as binutils read it.
    pub(super) fn of_segment(alignment: u64) -> Result<Alignment, ObjectError> {
        match alignment {
            0..=4 => Ok(Alignment::Four),
            8 => Ok(Alignment::Eight),
            _ => Err(ObjectError::Malformed { what: "the alignment of a note segment is neither 4 nor 8" }),
        }
    }

    fn round_up(self, position: usize) -> Option<usize> {
        position.checked_next_multiple_of(match self {
            Alignment::Four => 4,
            Alignment::Eight => 8,
        })
    }
}

/// Adds the descriptors among `notes` to `found`. `place` says for the position and size of each in the bytes what
/// address it will have, or that it will have none.
pub(super) fn collect(
    notes: Notes<'_>,
    marks: &Marks,
    found: &mut Vec<EmbeddedDescriptor>,
    place: impl Fn(u64, u64) -> Result<u64, ObjectError>,
) -> Result<(), ObjectError> {
    let mut position = 0;
    while let Some(note) = next(notes, &mut position)? {
        if trim(note.owner) != trim(marks.elf_note_owner) || note.kind != marks.elf_note_type {
            continue;
        }
        let size = note.descriptor.len() as u64;
        if size > MAX_DESCRIPTOR_SIZE {
            return Err(ObjectError::DescriptorTooLarge { limit: MAX_DESCRIPTOR_SIZE, found: size });
        }
        let address = place(note.position as u64, size)?;
        // Two headers may describe the same bytes; that is still one descriptor.
        if found.iter().any(|known| known.address == address) {
            continue;
        }
        if found.len() == MAX_DESCRIPTORS {
            return Err(ObjectError::TooManyDescriptors { limit: MAX_DESCRIPTORS });
        }
        found.push(EmbeddedDescriptor { bytes: note.descriptor.into(), address });
    }
    Ok(())
}

struct Note<'f> {
    owner: &'f [u8],
    kind: u32,
    descriptor: &'f [u8],
    /// Of the descriptor in the bytes.
    position: usize,
}

const HEADER_SIZE: usize = 12;

fn next<'f>(notes: Notes<'f>, position: &mut usize) -> Result<Option<Note<'f>>, ObjectError> {
    let malformed =
        || ObjectError::Malformed { what: "a note reaches past the end of its segment or section" };
    loop {
        let rest = notes.bytes.get(*position..).unwrap_or_default();
        let Some((header, _)) = rest.split_first_chunk::<HEADER_SIZE>() else {
            return if rest.iter().all(|byte| *byte == 0) { Ok(None) } else { Err(malformed()) };
        };
        let [o0, o1, o2, o3, d0, d1, d2, d3, k0, k1, k2, k3] = *header;
        let word = |bytes| notes.endianness.read_u32(bytes);
        let (owner_size, descriptor_size) = (word([o0, o1, o2, o3]), word([d0, d1, d2, d3]));
        // No note of ours is without an owner.
        let padding = if notes.zeros_between { owner_size == 0 } else { *header == [0; HEADER_SIZE] };
        if padding {
            *position = position.saturating_add(4);
            continue;
        }

        let slice = |start: usize, size: u32| {
            let end = start.checked_add(usize::try_from(size).ok()?)?;
            Some((notes.bytes.get(start..end)?, notes.alignment.round_up(end)?))
        };
        // Alignment counts from the start of the run, which the linker has aligned.
        let owner_start = position.saturating_add(HEADER_SIZE);
        let (owner, descriptor_start) = slice(owner_start, owner_size).ok_or_else(malformed)?;
        let (descriptor, end) = slice(descriptor_start, descriptor_size).ok_or_else(malformed)?;
        *position = end;
        return Ok(Some(Note {
            owner,
            kind: word([k0, k1, k2, k3]),
            descriptor,
            position: descriptor_start,
        }));
    }
}

fn trim(mut owner: &[u8]) -> &[u8] {
    while let [rest @ .., 0] = owner {
        owner = rest;
    }
    owner
}
