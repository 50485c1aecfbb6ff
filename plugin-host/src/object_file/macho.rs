//! Mach-O, by its load commands: what dyld goes by.

use std::borrow::Cow;

use object::Endianness;
use object::macho::{
    CPU_TYPE_ARM, CPU_TYPE_ARM64, CPU_TYPE_POWERPC, CPU_TYPE_POWERPC64, CPU_TYPE_X86, CPU_TYPE_X86_64,
    CpuType, FileType, MH_ALLOW_STACK_EXECUTION, MH_BUNDLE, MH_CORE, MH_DYLIB, MH_EXECUTE, MH_OBJECT,
    MachHeader32, MachHeader64, VM_PROT_EXECUTE, VM_PROT_WRITE,
};
use object::read::macho::{LoadCommandData, LoadCommandVariant, MachHeader, Section, Segment};

use super::note::{self, Alignment, Notes};
use super::source::Source;
use super::{
    EmbeddedDescriptor, Hazard, MAX_NOTES_SIZE, Marks, ObjectError, ObjectFacts, ObjectFormat,
    UnsupportedKind,
};

/// Linkers write some kilobytes.
const MAX_COMMANDS_SIZE: u32 = 1 << 20;

/// The most libraries that are listed.
const MAX_NEEDED: usize = 256;

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
    let mut commands = commands(source, header, endianness, marks)?;
    if header.flags(endianness).contains(MH_ALLOW_STACK_EXECUTION) {
        commands.hazards.push(Hazard::ExecutableStack);
    }
    Ok(ObjectFacts {
        format: ObjectFormat::MachO,
        architecture: architecture(header.cputype(endianness)),
        pointer_width: if header.is_type_64() { 64 } else { 32 },
        endianness,
        descriptors: descriptors(source, &commands, endianness, marks)?,
        hazards: commands.hazards,
        needed: commands.needed,
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

/// What the load commands say.
#[derive(Default)]
struct Commands {
    /// The address of the header: the base of the library.
    base: u64,
    places: Vec<Place>,
    needed: Vec<String>,
    hazards: Vec<Hazard>,
}

fn descriptors(
    source: Source<'_>,
    Commands { base, places, needed: _, hazards: _ }: &Commands,
    endianness: Endianness,
    marks: &Marks,
) -> Result<Vec<EmbeddedDescriptor>, ObjectError> {
    let total = places.iter().fold(0u64, |sum, place| sum.saturating_add(place.size));
    if total > MAX_NOTES_SIZE {
        return Err(ObjectError::NotesTooLarge { limit: MAX_NOTES_SIZE, found: total });
    }
    let mut found = Vec::new();
    for place in places {
        let notes = Notes {
            bytes: source.bytes("the section of the plugin descriptor", place.offset, place.size)?,
            alignment: Alignment::Four,
            endianness,
            zeros_between: true,
        };
        note::collect(notes, marks, &mut found, |position, _size| {
            let address = place.address.checked_add(position).and_then(|address| address.checked_sub(*base));
            address.filter(|_| place.mapped).ok_or(ObjectError::DescriptorNotMapped {
                offset: place.offset.saturating_add(position),
                address: place.address.saturating_add(position),
            })
        })?;
    }
    Ok(found)
}

fn commands<Mach: MachHeader<Endian = Endianness>>(
    source: Source<'_>,
    header: &Mach,
    endianness: Endianness,
    marks: &Marks,
) -> Result<Commands, ObjectError> {
    let malformed = |what| move |_| ObjectError::Malformed { what };
    let size = header.sizeofcmds(endianness);
    if size > MAX_COMMANDS_SIZE {
        return Err(ObjectError::Malformed { what: "more than 1 MiB of load commands" });
    }
    source.holds("the load commands", size_of::<Mach>() as u64, size.into())?;
    let mut all =
        header.load_commands(endianness, source.raw(), 0).map_err(malformed("the load commands"))?;

    let mut commands = Commands::default();
    while let Some(command) = all.next().map_err(malformed("a load command"))? {
        let segment = Mach::Segment::from_command(command).map_err(malformed("a segment command"))?;
        let Some((segment, rest)) = segment else {
            note_libraries(&mut commands, command, endianness)?;
            continue;
        };
        let (segment_offset, segment_size) = segment.file_range(endianness);
        source.holds("a segment", segment_offset, segment_size)?;
        let segment_address = segment.vmaddr(endianness).into();
        if segment.name() == HEADER_SEGMENT {
            commands.base = segment_address;
        }
        let protection = segment.initprot(endianness);
        if protection.contains(VM_PROT_WRITE) && protection.contains(VM_PROT_EXECUTE) {
            commands.hazards.push(Hazard::WritableCode { address: segment_address });
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
            commands.places.push(Place { offset, size, address, mapped });
        }
    }
    Ok(commands)
}

/// What a load command tells dyld about other libraries.
fn note_libraries(
    commands: &mut Commands,
    command: LoadCommandData<'_, Endianness>,
    endianness: Endianness,
) -> Result<(), ObjectError> {
    let malformed = |_| ObjectError::Malformed { what: "a load command that names a library" };
    let text =
        |offset| command.string(endianness, offset).map(|text| String::from_utf8_lossy(text).into_owned());
    match command.variant().map_err(malformed)? {
        LoadCommandVariant::Dylib(library) => {
            if commands.needed.len() == MAX_NEEDED {
                return Err(ObjectError::Malformed { what: "more than 256 needed libraries" });
            }
            commands.needed.push(text(library.dylib.name).map_err(malformed)?);
        }
        LoadCommandVariant::Rpath(path) => {
            let found = text(path.path).map_err(malformed)?;
            commands.hazards.push(Hazard::SearchPath { kind: "LC_RPATH", found });
        }
        LoadCommandVariant::DyldEnvironment(_) => commands.hazards.push(Hazard::Extension {
            name: "LC_DYLD_ENVIRONMENT",
            effect: "sets variables of the loader's environment",
        }),
        // Says nothing about other libraries; the variants are those of a format that grows.
        _ => {}
    }
    Ok(())
}

fn architecture(cpu: CpuType) -> Cow<'static, str> {
    let known = match cpu {
        CPU_TYPE_X86_64 => "x86_64",
        CPU_TYPE_X86 => "x86",
        CPU_TYPE_ARM64 => "aarch64",
        CPU_TYPE_ARM => "arm",
        CPU_TYPE_POWERPC64 => "powerpc64",
        CPU_TYPE_POWERPC => "powerpc",
        CpuType(number) => return format!("Mach-O CPU {number}").into(),
    };
    known.into()
}
