//! Reads what a host must know of an object file before the operating system maps it: its format, its machine, and the
//! plugin descriptors embedded in it. What a descriptor says is decoded elsewhere; whether the facts suit this host is
//! judged elsewhere.
//!
//! Only what the loader itself goes by is believed. An ELF file is read by its program headers, because section
//! headers can claim anything; and a descriptor counts only where the bytes in the file are the bytes that will be
//! mapped. Nothing is read but headers, notes, and what tells the loader which other libraries to bring.

#![forbid(unsafe_code)]

mod elf;
mod error;
mod hazard;
mod macho;
mod note;
mod pe;
mod source;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use object::Endianness;

use crate::file::OpenFile;
pub use error::{ObjectError, UnsupportedKind};
pub use hazard::Hazard;
use source::Source;

/// The most descriptors that are collected. One is right; a few more are kept so that the refusal can name them.
pub(crate) const MAX_DESCRIPTORS: usize = 8;

/// The largest descriptor that is read; one of a thousand types has 200 kB.
pub(crate) const MAX_DESCRIPTOR_SIZE: u64 = 1 << 20;

/// The most bytes of notes that are searched for descriptors, of all owners together.
pub(crate) const MAX_NOTES_SIZE: u64 = 4 << 20;

/// What a descriptor is recognised by in each object format.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks {
    /// The owner of the note, in every format; a final NUL does not count.
    pub(crate) elf_note_owner: &'static [u8],
    /// The type of the note, in every format.
    pub(crate) elf_note_type: u32,
    /// The PE section that holds the notes; at most 8 characters.
    pub(crate) pe_section: &'static str,
    /// The segment of the Mach-O section; at most 16 characters.
    pub(crate) macho_segment: &'static str,
    /// The Mach-O section that holds the notes; at most 16 characters.
    pub(crate) macho_section: &'static str,
}

/// What the headers of a shared library say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectFacts {
    pub(crate) format: ObjectFormat,
    /// As rustc spells it in `target_arch`, or the format's number if rustc has no word for it.
    pub(crate) architecture: Cow<'static, str>,
    /// In bits.
    pub(crate) pointer_width: u8,
    pub(crate) endianness: Endianness,
    /// What the library asks of the system's loader that no host grants.
    pub(crate) hazards: Vec<Hazard>,
    /// The libraries that the loader brings for this one, as the file names them.
    pub(crate) needed: Vec<String>,
    /// In the order in which they lie in the file.
    pub(crate) descriptors: Vec<EmbeddedDescriptor>,
}

/// The bytes of one descriptor, and where they will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EmbeddedDescriptor {
    pub(crate) bytes: Arc<[u8]>,
    /// Relative to the base at which the library is mapped.
    pub(crate) address: u64,
}

/// The container of the machine code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectFormat {
    /// Linux, the BSDs and most other Unixes.
    Elf,
    /// Windows.
    Pe,
    /// Apple's systems.
    MachO,
}

impl fmt::Display for ObjectFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ObjectFormat::Elf => "ELF",
            ObjectFormat::Pe => "PE",
            ObjectFormat::MachO => "Mach-O",
        })
    }
}

/// What ended the reading of an object file.
pub(crate) enum Stop<E> {
    /// The file itself.
    Object(ObjectError),
    /// Whoever judged what it says.
    Judge(E),
}

impl<E> From<ObjectError> for Stop<E> {
    fn from(error: ObjectError) -> Self {
        Self::Object(error)
    }
}

/// Reads the facts of a shared library. A library without a descriptor is not an error here.
///
/// Its architecture and descriptors are judged as soon as they are known. In ELF that is before the loader's instructions are
/// read: who is refused is not worth more.
pub(crate) fn read<T, E>(
    file: &OpenFile,
    marks: &Marks,
    judge: impl FnOnce(&str, &[EmbeddedDescriptor]) -> Result<T, E>,
) -> Result<(ObjectFacts, T), Stop<E>> {
    let failure = Cell::new(None);
    let head = source::Head::of(file)?;
    let cache = source::cache(file, &head, &failure);
    let source = Source::new(file, &head, &cache, &failure);
    let first = source.bytes("the first bytes", 0, file.len().min(16))?;
    let error = match first {
        [0x7f, b'E', b'L', b'F', 1, ..] => return elf::read32(source, marks, judge),
        [0x7f, b'E', b'L', b'F', 2, ..] => return elf::read64(source, marks, judge),
        [0x7f, b'E', b'L', b'F', ..] => ObjectError::Malformed { what: "the ELF class" },
        [b'M', b'Z', ..] => return judged(pe::read(source, marks)?, judge),
        [0xfe, 0xed, 0xfa, 0xce, ..] | [0xce, 0xfa, 0xed, 0xfe, ..] => {
            return judged(macho::read32(source, marks)?, judge);
        }
        [0xfe, 0xed, 0xfa, 0xcf, ..] | [0xcf, 0xfa, 0xed, 0xfe, ..] => {
            return judged(macho::read64(source, marks)?, judge);
        }
        [0xca, 0xfe, 0xba, 0xbe | 0xbf, ..] => ObjectError::Unsupported { found: UnsupportedKind::FatMachO },
        [b'!', b'<', b'a', b'r', b'c', b'h', b'>', b'\n', ..]
        | [b'!', b'<', b't', b'h', b'i', b'n', b'>', b'\n', ..] => {
            ObjectError::Unsupported { found: UnsupportedKind::Archive }
        }
        _ => ObjectError::NotAnObject { found: first.to_vec() },
    };
    Err(error.into())
}

/// [`read`] without anybody who judges.
#[cfg(test)]
#[cfg(target_os = "linux")]
pub(crate) fn facts(file: &OpenFile, marks: &Marks) -> Result<ObjectFacts, ObjectError> {
    match read(file, marks, |_, _| Ok::<_, std::convert::Infallible>(())) {
        Ok((facts, ())) => Ok(facts),
        Err(Stop::Object(error)) => Err(error),
        Err(Stop::Judge(never)) => match never {},
    }
}

fn judged<T, E>(
    facts: ObjectFacts,
    judge: impl FnOnce(&str, &[EmbeddedDescriptor]) -> Result<T, E>,
) -> Result<(ObjectFacts, T), Stop<E>> {
    let judged = judge(&facts.architecture, &facts.descriptors).map_err(Stop::Judge)?;
    Ok((facts, judged))
}
