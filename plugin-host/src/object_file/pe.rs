//! PE, by its section headers: what the Windows loader goes by.

use std::borrow::Cow;

use object::endian::{Endianness, LittleEndian as LE};
use object::pe::{
    IMAGE_FILE_DLL, IMAGE_FILE_MACHINE_AMD64, IMAGE_FILE_MACHINE_ARM64, IMAGE_FILE_MACHINE_ARMNT,
    IMAGE_FILE_MACHINE_I386, IMAGE_NT_OPTIONAL_HDR32_MAGIC, IMAGE_NT_OPTIONAL_HDR64_MAGIC,
    IMAGE_NT_SIGNATURE, IMAGE_SCN_MEM_EXECUTE, IMAGE_SCN_MEM_WRITE, ImageDosHeader, ImageFileHeader,
    ImageSectionHeader, Machine,
};
use object::{U16, U32};

mod imports;

use super::note::{self, Alignment, Notes};
use super::source::Source;
use super::{Hazard, MAX_NOTES_SIZE, Marks, ObjectError, ObjectFacts, ObjectFormat, UnsupportedKind};

/// What the Windows loader accepts (Microsoft, "PE Format", Number of Sections).
const MAX_SECTIONS: u16 = 96;

/// The Windows loader rounds the file offset of a section down to this.
const SECTOR: u32 = 512;

pub(super) fn read(source: Source<'_>, marks: &Marks) -> Result<ObjectFacts, ObjectError> {
    let malformed = |what| ObjectError::Malformed { what };
    let dos = source.one::<ImageDosHeader>("the DOS header", 0)?;
    // The signature, then the file header, then the optional header, whose first field is the magic. Each offset is
    // below 2^32 plus a few bytes.
    let start = u64::from(dos.nt_headers_offset());
    let signature = source.one::<U32<LE>>("the PE signature", start)?;
    if signature.get(LE) != IMAGE_NT_SIGNATURE {
        return Err(malformed("the PE signature"));
    }
    let header = source.one::<ImageFileHeader>("the PE header", start + 4)?;
    let optional = start + 4 + size_of::<ImageFileHeader>() as u64;
    let pointer_width = match source.one::<U16<LE>>("the optional PE header", optional)?.get(LE) {
        IMAGE_NT_OPTIONAL_HDR32_MAGIC => 32,
        IMAGE_NT_OPTIONAL_HDR64_MAGIC => 64,
        _ => return Err(malformed("the magic of the optional PE header")),
    };
    if !header.characteristics.get(LE).contains(IMAGE_FILE_DLL) {
        return Err(ObjectError::Unsupported { found: UnsupportedKind::Executable });
    }
    let count = header.number_of_sections.get(LE);
    if count > MAX_SECTIONS {
        return Err(malformed("more than 96 sections"));
    }
    let table = optional + u64::from(header.size_of_optional_header.get(LE));
    let sections = source.many::<ImageSectionHeader>("the section headers", table, count)?;

    Ok(ObjectFacts {
        format: ObjectFormat::Pe,
        architecture: architecture(header.machine.get(LE)),
        pointer_width,
        endianness: Endianness::Little,
        hazards: hazards(sections),
        needed: imports::read(source, optional, pointer_width, sections)?,
        descriptors: descriptors(source, sections, marks)?,
    })
}

fn hazards(sections: &[ImageSectionHeader]) -> Vec<Hazard> {
    let is_both = |section: &&ImageSectionHeader| {
        let flags = section.characteristics.get(LE);
        flags.contains(IMAGE_SCN_MEM_EXECUTE) && flags.contains(IMAGE_SCN_MEM_WRITE)
    };
    let writable = sections.iter().filter(is_both);
    writable.map(|section| Hazard::WritableCode { address: section.virtual_address.get(LE).into() }).collect()
}

fn descriptors(
    source: Source<'_>,
    sections: &[ImageSectionHeader],
    marks: &Marks,
) -> Result<Vec<super::EmbeddedDescriptor>, ObjectError> {
    for section in sections {
        let (offset, size) = (section.pointer_to_raw_data.get(LE), section.size_of_raw_data.get(LE));
        source.holds("a section", offset.into(), size.into())?;
    }
    let ours = || sections.iter().filter(|section| section.raw_name() == marks.pe_section.as_bytes());
    let total = ours().map(|section| u64::from(section.pe_file_range().1)).sum();
    if total > MAX_NOTES_SIZE {
        return Err(ObjectError::NotesTooLarge { limit: MAX_NOTES_SIZE, found: total });
    }

    let mut found = Vec::new();
    for section in ours() {
        // The smaller of the sizes in the file and in memory: what is in both.
        let (start, size) = section.pe_file_range();
        let notes = Notes {
            bytes: source.bytes("the section of the plugin descriptor", start.into(), size.into())?,
            alignment: Alignment::Four,
            endianness: Endianness::Little,
            zeros_between: true,
        };
        note::collect(notes, marks, &mut found, |position, _size| {
            let address = u64::from(section.virtual_address.get(LE)).saturating_add(position);
            if start % SECTOR == 0 {
                Ok(address)
            } else {
                Err(ObjectError::DescriptorNotMapped { offset: u64::from(start) + position, address })
            }
        })?;
    }
    Ok(found)
}

fn architecture(machine: Machine) -> Cow<'static, str> {
    let known = match machine {
        IMAGE_FILE_MACHINE_AMD64 => "x86_64",
        IMAGE_FILE_MACHINE_I386 => "x86",
        IMAGE_FILE_MACHINE_ARM64 => "aarch64",
        IMAGE_FILE_MACHINE_ARMNT => "arm",
        Machine(number) => return format!("PE machine {number:#06x}").into(),
    };
    known.into()
}
