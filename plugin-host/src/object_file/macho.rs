//! Mach-O, by its load commands: what dyld goes by.

use object::Endianness;
use object::macho::{
    CPU_TYPE_ARM, CPU_TYPE_ARM64, CPU_TYPE_POWERPC, CPU_TYPE_POWERPC64, CPU_TYPE_X86, CPU_TYPE_X86_64,
    CpuType, FileType, MH_BUNDLE, MH_CORE, MH_DYLIB, MH_EXECUTE, MH_OBJECT, MachHeader32, MachHeader64,
};
use object::read::macho::{MachHeader, Section, Segment};

use super::note::{self, Alignment, Notes};
use super::source::Source;
use super::{
    EmbeddedDescriptor, MAX_NOTES_SIZE, Marks, ObjectError, ObjectFacts, ObjectFormat, UnsupportedKind,
};

/// Linkers write some kilobytes.
const MAX_COMMANDS_SIZE: u32 = 1 << 20;

/// The segment that begins with the header, so whose address is the base of the library.
const HEADER_SEGMENT: &[u8] = b"__TEXT";

pub(super) fn read32(source: Source<'_>, marks: &Marks) -> Result<ObjectFacts, ObjectError> {
    read::<MachHeader32<Endianness>>(source, marks)
}

pub(super) fn read64(source: Source<'_>, marks: &Marks) -> Result<ObjectFacts, ObjectError> {
    read::<MachHeader64<Endianness>>(source, marks)
}

fn read<Mach: MachHeader<Endian = Endianness>>(
    source: Source<'_>,
    marks: &Marks,
) -> Result<ObjectFacts, ObjectError> {
    let header = source.one::<Mach>("the Mach-O header", 0)?;
    let endianness =
        header.endian().map_err(|_| ObjectError::Malformed { what: "the magic of the Mach-O header" })?;
    check_kind(header.filetype(endianness))?;
    Ok(ObjectFacts {
        format: ObjectFormat::MachO,
        architecture: architecture(header.cputype(endianness)),
        pointer_width: if header.is_type_64() { 64 } else { 32 },
        endianness,
        executable_stack: false,
        descriptors: descriptors(source, header, endianness, marks)?,
    })
}

fn check_kind(kind: FileType) -> Result<(), ObjectError> {
    let found = match kind {
        MH_DYLIB | MH_BUNDLE => return Ok(()),
        MH_EXECUTE => UnsupportedKind::Executable,
        MH_OBJECT => UnsupportedKind::Relocatable,
        MH_CORE => UnsupportedKind::CoreDump,
        FileType(number) => UnsupportedKind::Other(number),
    };
    Err(ObjectError::Unsupported { found })
}

/// Where the notes are, in the file and in memory.
struct Place {
    offset: u64,
    size: u64,
    address: u64,
    mapped: bool,
}

fn descriptors<Mach: MachHeader<Endian = Endianness>>(
    source: Source<'_>,
    header: &Mach,
    endianness: Endianness,
    marks: &Marks,
) -> Result<Vec<EmbeddedDescriptor>, ObjectError> {
    let (base, places) = places(source, header, endianness, marks)?;
    let total = places.iter().fold(0u64, |sum, place| sum.saturating_add(place.size));
    if total > MAX_NOTES_SIZE {
        return Err(ObjectError::NotesTooLarge { limit: MAX_NOTES_SIZE, found: total });
    }
    let mut found = Vec::new();
    for place in &places {
        let notes = Notes {
            bytes: source.bytes("the section of the plugin descriptor", place.offset, place.size)?,
            alignment: Alignment::Four,
            endianness,
            zeros_between: true,
        };
        note::collect(notes, marks, &mut found, |position, _size| {
            let address = place.address.checked_add(position).and_then(|address| address.checked_sub(base));
            address.filter(|_| place.mapped).ok_or(ObjectError::DescriptorNotMapped {
                offset: place.offset.saturating_add(position),
                address: place.address.saturating_add(position),
            })
        })?;
    }
    Ok(found)
}

/// The base of the library, and the sections that hold notes.
fn places<Mach: MachHeader<Endian = Endianness>>(
    source: Source<'_>,
    header: &Mach,
    endianness: Endianness,
    marks: &Marks,
) -> Result<(u64, Vec<Place>), ObjectError> {
    let malformed = |what| move |_| ObjectError::Malformed { what };
    let size = header.sizeofcmds(endianness);
    if size > MAX_COMMANDS_SIZE {
        return Err(ObjectError::Malformed { what: "more than 1 MiB of load commands" });
    }
    source.holds("the load commands", size_of::<Mach>() as u64, size.into())?;
    let mut commands =
        header.load_commands(endianness, source.raw(), 0).map_err(malformed("the load commands"))?;

    let (mut base, mut places) = (0, Vec::new());
    while let Some(command) = commands.next().map_err(malformed("a load command"))? {
        let segment = Mach::Segment::from_command(command).map_err(malformed("a segment command"))?;
        let Some((segment, rest)) = segment else { continue };
        let (segment_offset, segment_size) = segment.file_range(endianness);
        source.holds("a segment", segment_offset, segment_size)?;
        let segment_address = segment.vmaddr(endianness).into();
        if segment.name() == HEADER_SEGMENT {
            base = segment_address;
        }
        for section in segment.sections(endianness, rest).map_err(malformed("the sections of a segment"))? {
            let ours = section.segment_name() == marks.macho_segment.as_bytes()
                && section.name() == marks.macho_section.as_bytes();
            let Some(size) = section.file_size(endianness).filter(|_| ours) else {
                continue;
            };
            let offset = u64::from(section.offset(endianness));
            let address = section.addr(endianness).into();
            let inside = offset.checked_sub(segment_offset);
            let mapped = inside.is_some_and(|inside| {
                inside.checked_add(size).is_some_and(|end| end <= segment_size)
                    && segment_address.checked_add(inside) == Some(address)
            });
            places.push(Place { offset, size, address, mapped });
        }
    }
    Ok((base, places))
}

fn architecture(cpu: CpuType) -> String {
    match cpu {
        CPU_TYPE_X86_64 => "x86_64",
        CPU_TYPE_X86 => "x86",
        CPU_TYPE_ARM64 => "aarch64",
        CPU_TYPE_ARM => "arm",
        CPU_TYPE_POWERPC64 => "powerpc64",
        CPU_TYPE_POWERPC => "powerpc",
        CpuType(number) => return format!("Mach-O CPU {number}"),
    }
    .to_owned()
}
