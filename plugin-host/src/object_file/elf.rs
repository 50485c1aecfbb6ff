//! ELF, by its program headers: what `dlopen` goes by.

use object::Endianness;
use object::elf::{
    self, EM_386, EM_AARCH64, EM_ARM, EM_LOONGARCH, EM_MIPS, EM_PPC, EM_PPC64, EM_RISCV, EM_S390, EM_SPARCV9,
    EM_X86_64, FileHeader32, FileHeader64, FileType, Machine,
};
use object::read::elf::{FileHeader, ProgramHeader};

use super::note::{self, Alignment, Notes};
use super::source::Source;
use super::{MAX_NOTES_SIZE, Marks, ObjectError, ObjectFacts, ObjectFormat, UnsupportedKind};

/// Linkers write about ten.
const MAX_PROGRAM_HEADERS: u16 = 64;

/// The smallest page of any machine: the loader maps whole pages.
const SMALLEST_PAGE: u64 = 4096;

pub(super) fn read32(source: Source<'_>, marks: &Marks) -> Result<ObjectFacts, ObjectError> {
    read::<FileHeader32<Endianness>>(source, marks)
}

pub(super) fn read64(source: Source<'_>, marks: &Marks) -> Result<ObjectFacts, ObjectError> {
    read::<FileHeader64<Endianness>>(source, marks)
}

fn read<Elf: FileHeader<Endian = Endianness>>(
    source: Source<'_>,
    marks: &Marks,
) -> Result<ObjectFacts, ObjectError> {
    let header = source.one::<Elf>("the ELF header", 0)?;
    let malformed = |what| ObjectError::Malformed { what };
    if !header.is_supported() {
        return Err(malformed("the identification in the ELF header"));
    }
    let endianness = header.endian().map_err(|_| malformed("the byte order in the ELF header"))?;
    check_kind(header.e_type(endianness))?;

    let segments = segments::<Elf>(source, header, endianness)?;
    if segments.iter().any(|segment| segment.kind == elf::PT_INTERP) {
        return Err(ObjectError::Unsupported { found: UnsupportedKind::Executable });
    }
    let mapped = check_loads(source, &segments)?;
    check_dynamic(&mapped, &segments)?;

    let pointer_width = if header.is_type_64() { 64 } else { 32 };
    Ok(ObjectFacts {
        format: ObjectFormat::Elf,
        architecture: architecture(header.e_machine(endianness), pointer_width),
        pointer_width,
        endianness,
        executable_stack: wants_executable_stack(&segments),
        descriptors: descriptors(source, &segments, &mapped, endianness, marks)?,
    })
}

/// A program header, independent of the file's class and byte order.
#[derive(Clone, Copy)]
struct Segment {
    kind: elf::ProgramType,
    flags: elf::ProgramFlags,
    offset: u64,
    size: u64,
    address: u64,
    memory_size: u64,
    alignment: u64,
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

fn segments<Elf: FileHeader<Endian = Endianness>>(
    source: Source<'_>,
    header: &Elf,
    endianness: Endianness,
) -> Result<Vec<Segment>, ObjectError> {
    let count = header.e_phnum(endianness);
    if count > MAX_PROGRAM_HEADERS {
        return Err(ObjectError::Malformed { what: "more than 64 program headers" });
    }
    if usize::from(header.e_phentsize(endianness)) != size_of::<Elf::ProgramHeader>() {
        return Err(ObjectError::Malformed { what: "the size of a program header" });
    }
    let start = header.e_phoff(endianness).into();
    let headers = source.many::<Elf::ProgramHeader>("the program headers", start, count)?;
    let plain = |header: &Elf::ProgramHeader| Segment {
        kind: header.p_type(endianness),
        flags: header.p_flags(endianness),
        offset: header.p_offset(endianness).into(),
        size: header.p_filesz(endianness).into(),
        address: header.p_vaddr(endianness).into(),
        memory_size: header.p_memsz(endianness).into(),
        alignment: header.p_align(endianness).into(),
    };
    Ok(headers.iter().map(plain).collect())
}

/// The segments that will be mapped. The loader trusts these headers: a segment past the end of the file kills the
/// process at the first touch (SIGBUS), segments out of order or over each other are mapped over each other.
fn check_loads(source: Source<'_>, segments: &[Segment]) -> Result<Vec<Segment>, ObjectError> {
    let malformed = |what| ObjectError::Malformed { what };
    let mut loads: Vec<Segment> = Vec::new();
    for segment in segments.iter().filter(|segment| segment.kind == elf::PT_LOAD) {
        source.holds("a loadable segment", segment.offset, segment.size)?;
        if segment.size > segment.memory_size {
            return Err(malformed("a loadable segment is larger in the file than in memory"));
        }
        if segment.address.checked_add(segment.memory_size).is_none() {
            return Err(malformed("a loadable segment reaches past the end of memory"));
        }
        if loads.last().is_some_and(|last| last.address + last.memory_size > segment.address) {
            return Err(malformed("the loadable segments overlap or are out of order"));
        }
        loads.push(*segment);
    }
    if loads.is_empty() { Err(malformed("there is no loadable segment")) } else { Ok(loads) }
}

/// The loader follows the dynamic segment's address without a check.
fn check_dynamic(loads: &[Segment], segments: &[Segment]) -> Result<(), ObjectError> {
    let Some(dynamic) = segments.iter().find(|segment| segment.kind == elf::PT_DYNAMIC) else {
        return Err(ObjectError::Malformed { what: "there is no dynamic segment" });
    };
    if !is_mapped(loads, dynamic.offset, dynamic.size, dynamic.address) {
        return Err(ObjectError::Malformed { what: "the dynamic segment is not in a loadable segment" });
    }
    Ok(())
}

/// Whether the loader maps these bytes of the file, and no others, at `address`.
fn is_mapped(loads: &[Segment], offset: u64, size: u64, address: u64) -> bool {
    let Some(end) = address.checked_add(size) else {
        return false;
    };
    let within = |load: &Segment| {
        let Some(inside) = offset.checked_sub(load.offset) else {
            return false;
        };
        let fits = inside.checked_add(size).is_some_and(|end| end <= load.size);
        fits && load.address.checked_add(inside) == Some(address)
    };
    let touches = |load: &Segment| {
        let start = load.address - load.address % SMALLEST_PAGE;
        let past = load.address.saturating_add(load.memory_size).checked_next_multiple_of(SMALLEST_PAGE);
        start < end && address < past.unwrap_or(u64::MAX)
    };
    loads.iter().any(within) && loads.iter().filter(|load| touches(load)).count() <= 1
}

/// The header that asks for an executable stack, and its absence on machines where that means the same, are not
/// distinguished: every linker of today writes it.
fn wants_executable_stack(segments: &[Segment]) -> bool {
    segments
        .iter()
        .find(|segment| segment.kind == elf::PT_GNU_STACK)
        .is_none_or(|stack| stack.flags.contains(elf::PF_X))
}

fn descriptors(
    source: Source<'_>,
    segments: &[Segment],
    loads: &[Segment],
    endianness: Endianness,
    marks: &Marks,
) -> Result<Vec<super::EmbeddedDescriptor>, ObjectError> {
    let notes = || segments.iter().filter(|segment| segment.kind == elf::PT_NOTE);
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
            if is_mapped(loads, offset, size, address) {
                Ok(address)
            } else {
                Err(ObjectError::DescriptorNotMapped { offset, address })
            }
        })?;
    }
    Ok(found)
}

fn architecture(machine: Machine, pointer_width: u8) -> String {
    match (machine, pointer_width) {
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
        (Machine(number), _) => return format!("ELF machine {number}"),
    }
    .to_owned()
}
