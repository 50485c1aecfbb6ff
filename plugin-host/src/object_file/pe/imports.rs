//! The libraries that the Windows loader brings for a library, at once or at the first call (Microsoft, "PE Format", The
//! .idata Section and Delay-Load Import Tables).

use object::endian::LittleEndian as LE;
use object::pe::{
    IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT, IMAGE_DIRECTORY_ENTRY_IMPORT, ImageDataDirectory,
    ImageDelayloadDescriptor, ImageImportDescriptor, ImageOptionalHeader32, ImageOptionalHeader64,
    ImageSectionHeader,
};
use object::pod::Pod;

use super::super::{ObjectError, source::Source};

/// The most libraries that are listed.
const MAX_NEEDED: u64 = 256;

/// The longest name of a library.
const MAX_NAME: u64 = 256;

pub(super) fn read(
    source: Source<'_>,
    optional: u64,
    pointer_width: u8,
    sections: &[ImageSectionHeader],
) -> Result<Vec<String>, ObjectError> {
    let what = "the optional PE header";
    let (count, directories) = match pointer_width {
        32 => {
            let header = source.one::<ImageOptionalHeader32>(what, optional)?;
            (header.number_of_rva_and_sizes.get(LE), size_of::<ImageOptionalHeader32>())
        }
        _ => {
            let header = source.one::<ImageOptionalHeader64>(what, optional)?;
            (header.number_of_rva_and_sizes.get(LE), size_of::<ImageOptionalHeader64>())
        }
    };
    let image = Image { source, directories: optional + directories as u64, count, sections };
    let mut needed = image.names::<ImageImportDescriptor>(IMAGE_DIRECTORY_ENTRY_IMPORT, |import| {
        (!import.is_null()).then(|| import.name.get(LE))
    })?;
    needed.extend(image.names::<ImageDelayloadDescriptor>(IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT, |import| {
        (!import.is_null()).then(|| import.dll_name_rva.get(LE))
    })?);
    Ok(needed)
}

struct Image<'f, 's> {
    source: Source<'f>,
    /// Where the directories are, and how many.
    directories: u64,
    count: u32,
    sections: &'s [ImageSectionHeader],
}

impl Image<'_, '_> {
    /// The names in a table, which ends with the first descriptor that has none.
    fn names<D: Pod>(
        &self,
        directory: usize,
        name: impl Fn(&D) -> Option<u32>,
    ) -> Result<Vec<String>, ObjectError> {
        let malformed = || ObjectError::Malformed { what: "the table of imports" };
        let directory = directory as u64;
        if directory >= u64::from(self.count) {
            return Ok(Vec::new());
        }
        let at = self.directories.saturating_add(directory * size_of::<ImageDataDirectory>() as u64);
        let table = self.source.one::<ImageDataDirectory>("the PE directories", at)?.virtual_address.get(LE);
        if table == 0 {
            return Ok(Vec::new());
        }
        let (start, room) = self.place(table).ok_or_else(malformed)?;
        let mut names = Vec::new();
        for index in 0..MAX_NEEDED {
            let inside = index * size_of::<D>() as u64;
            if inside + size_of::<D>() as u64 > room {
                return Err(malformed());
            }
            match name(self.source.one::<D>("the table of imports", start.saturating_add(inside))?) {
                Some(name) => names.push(self.text(name).ok_or_else(malformed)??),
                None => return Ok(names),
            }
        }
        Err(ObjectError::Malformed { what: "more than 256 imported libraries" })
    }

    /// A text that ends in NUL.
    fn text(&self, address: u32) -> Option<Result<String, ObjectError>> {
        let (offset, room) = self.place(address)?;
        match self.source.bytes("the name of an imported library", offset, room.min(MAX_NAME)) {
            Ok(bytes) => {
                let end = bytes.iter().position(|byte| *byte == 0)?;
                Some(Ok(String::from_utf8_lossy(bytes.get(..end)?).into_owned()))
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// Where in the file an address is, and how many bytes of its section follow.
    fn place(&self, address: u32) -> Option<(u64, u64)> {
        self.sections.iter().find_map(|section| {
            let (offset, size) = section.pe_file_range();
            let inside = address.checked_sub(section.virtual_address.get(LE))?;
            let room = size.checked_sub(inside)?;
            (room != 0).then_some((u64::from(offset) + u64::from(inside), u64::from(room)))
        })
    }
}
