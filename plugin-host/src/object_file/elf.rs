//! ELF, by its program headers: what `dlopen` goes by.

mod dynamic;
mod segments;

use std::borrow::Cow;

use object::Endianness;
use object::elf::{
    self, EM_386, EM_AARCH64, EM_ARM, EM_LOONGARCH, EM_MIPS, EM_PPC, EM_PPC64, EM_RISCV, EM_S390, EM_SPARCV9,
    EM_X86_64, FileHeader32, FileHeader64, FileType, Machine,
};
use object::read::elf::FileHeader;

use self::segments::Segments;
use super::note::{self, Alignment, Notes};
use super::source::Source;
use super::{
    EmbeddedDescriptor, MAX_NOTES_SIZE, Marks, ObjectError, ObjectFacts, ObjectFormat, Stop, UnsupportedKind,
};

/// How far behind the notes the table of names ends, as linkers lay files out: their symbols are in between.
const NAMES: u64 = 4 << 10;

pub(super) fn read32<T, E>(
    source: Source<'_>,
    marks: &Marks,
    judge: impl FnOnce(&str, &[EmbeddedDescriptor]) -> Result<T, E>,
) -> Result<(ObjectFacts, T), Stop<E>> {
    read::<FileHeader32<Endianness>, T, E>(source, marks, judge)
}

pub(super) fn read64<T, E>(
    source: Source<'_>,
    marks: &Marks,
    judge: impl FnOnce(&str, &[EmbeddedDescriptor]) -> Result<T, E>,
) -> Result<(ObjectFacts, T), Stop<E>> {
    read::<FileHeader64<Endianness>, T, E>(source, marks, judge)
}

fn read<Elf: FileHeader<Endian = Endianness>, T, E>(
    source: Source<'_>,
    marks: &Marks,
    judge: impl FnOnce(&str, &[EmbeddedDescriptor]) -> Result<T, E>,
) -> Result<(ObjectFacts, T), Stop<E>> {
    let header = source.one::<Elf>("the ELF header", 0)?;
    let malformed = |what| ObjectError::Malformed { what };
    if !header.is_supported() {
        return Err(malformed("the identification in the ELF header").into());
    }
    let endianness = header.endian().map_err(|_| malformed("the byte order in the ELF header"))?;
    check_kind(header.e_type(endianness))?;

    let segments = Segments::read(source, header, endianness)?;
    if segments.of_kind(elf::PT_INTERP).next().is_some() {
        return Err(ObjectError::Unsupported { found: UnsupportedKind::Executable }.into());
    }
    segments.check_what_is_followed(header.e_phoff(endianness).into())?;
    let notes = segments.of_kind(elf::PT_NOTE).map(|notes| notes.offset.saturating_add(notes.size));
    source.read_ahead(notes.max().unwrap_or_default(), NAMES);
    let dynamic = segments.dynamic()?;
    let is_64 = header.is_type_64();
    let pointer_width = if is_64 { 64 } else { 32 };
    let architecture = architecture(header.e_machine(endianness), pointer_width);
    let descriptors = descriptors(source, &segments, endianness, marks)?;
    let judged = judge(&architecture, &descriptors).map_err(Stop::Judge)?;

    let dynamic = dynamic::read::<Elf>(source, &segments, dynamic, endianness, is_64)?;
    let facts = ObjectFacts {
        format: ObjectFormat::Elf,
        architecture,
        pointer_width,
        endianness,
        hazards: segments.hazards().chain(dynamic.hazards).collect(),
        needed: dynamic.needed,
        descriptors,
    };
    Ok((facts, judged))
}

fn check_kind(kind: FileType) -> Result<(), ObjectError> {
    let found = match kind {
        elf::ET_DYN => return Ok(()),
        elf::ET_EXEC => UnsupportedKind::Executable,
        elf::ET_REL => UnsupportedKind::Relocatable,
        elf::ET_CORE => UnsupportedKind::CoreDump,
        FileType(number) => UnsupportedKind::Other(number.into()),
    };
    Err(ObjectError::Unsupported { found })
}

fn descriptors(
    source: Source<'_>,
    segments: &Segments,
    endianness: Endianness,
    marks: &Marks,
) -> Result<Vec<EmbeddedDescriptor>, ObjectError> {
    let notes = || segments.of_kind(elf::PT_NOTE);
    for segment in notes() {
        source.holds("a note segment", segment.offset, segment.size)?;
    }
    let total = notes().fold(0u64, |sum, segment| sum.saturating_add(segment.size));
    if total > MAX_NOTES_SIZE {
        return Err(ObjectError::NotesTooLarge { limit: MAX_NOTES_SIZE, found: total });
    }

    let mut found = Vec::new();
    for segment in notes() {
        let notes = Notes {
            bytes: source.bytes("a note segment", segment.offset, segment.size)?,
            alignment: Alignment::of_segment(segment.alignment)?,
            endianness,
            zeros_between: false,
        };
        note::collect(notes, marks, &mut found, |position, size| {
            // Within the segment, so within the file: no overflow.
            let offset = segment.offset.saturating_add(position);
            let address = segment.address.saturating_add(position);
            if segments.maps(offset, size, address) {
                Ok(address)
            } else {
                Err(ObjectError::DescriptorNotMapped { offset, address })
            }
        })?;
    }
    Ok(found)
}

fn architecture(machine: Machine, pointer_width: u8) -> Cow<'static, str> {
    let known = match (machine, pointer_width) {
        (EM_X86_64, _) => "x86_64",
        (EM_386, _) => "x86",
        (EM_AARCH64, _) => "aarch64",
        (EM_ARM, _) => "arm",
        (EM_RISCV, 64) => "riscv64",
        (EM_RISCV, _) => "riscv32",
        (EM_PPC64, _) => "powerpc64",
        (EM_PPC, _) => "powerpc",
        (EM_S390, _) => "s390x",
        (EM_LOONGARCH, 64) => "loongarch64",
        (EM_LOONGARCH, _) => "loongarch32",
        (EM_MIPS, 64) => "mips64",
        (EM_MIPS, _) => "mips",
        (EM_SPARCV9, _) => "sparc64",
        (Machine(number), _) => return format!("ELF machine {number}").into(),
    };
    known.into()
}
