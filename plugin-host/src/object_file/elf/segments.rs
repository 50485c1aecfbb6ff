//! Program headers, and what the loader maps by them.

use object::Endianness;
use object::elf::{self, ProgramFlags, ProgramType};
use object::read::elf::{FileHeader, ProgramHeader};

use super::super::{Hazard, ObjectError, source::Source};

/// Linkers write about ten.
const MAX_PROGRAM_HEADERS: u16 = 64;

/// The smallest page of any machine: the loader maps whole pages.
const SMALLEST_PAGE: u64 = 4096;

/// A program header, independent of the file's class and byte order.
#[derive(Clone, Copy)]
pub(super) struct Segment {
    kind: ProgramType,
    flags: ProgramFlags,
    pub(super) offset: u64,
    pub(super) size: u64,
    pub(super) address: u64,
    memory_size: u64,
    pub(super) alignment: u64,
}

/// All program headers, the loadable ones of which are sound.
pub(super) struct Segments {
    all: Vec<Segment>,
    loads: Vec<Segment>,
}

impl Segments {
    pub(super) fn read<Elf: FileHeader<Endian = Endianness>>(
        source: Source<'_>,
        header: &Elf,
        endianness: Endianness,
    ) -> Result<Segments, ObjectError> {
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
        let all: Vec<Segment> = headers.iter().map(plain).collect();
        let loads = loads(source, &all)?;
        Ok(Segments { all, loads })
    }

    pub(super) fn of_kind(&self, kind: ProgramType) -> impl Iterator<Item = &Segment> {
        self.all.iter().filter(move |segment| segment.kind == kind)
    }

    /// The loader follows these headers without a check, and takes the last of several.
    pub(super) fn check_what_is_followed(&self, headers_at: u64) -> Result<(), ObjectError> {
        let malformed = |what| Err(ObjectError::Malformed { what });
        for segment in self.of_kind(elf::PT_PHDR) {
            // What unwinding and `dl_iterate_phdr` read as the program headers.
            if segment.offset != headers_at || !self.maps(segment.offset, segment.size, segment.address) {
                return malformed("the program headers are not where they say");
            }
        }
        let tls: Vec<_> = self.of_kind(elf::PT_TLS).collect();
        if tls.len() > 1 || tls.iter().any(|tls| tls.size > tls.memory_size) {
            return malformed("the thread-local segment");
        }
        if tls.iter().any(|tls| tls.size != 0 && !self.maps(tls.offset, tls.size, tls.address)) {
            return malformed("the thread-local segment is not in a loadable segment");
        }
        for kind in [elf::PT_GNU_RELRO, elf::PT_GNU_EH_FRAME, elf::PT_GNU_PROPERTY] {
            // In pages, because that is what is protected; linkers let RELRO end with the page of its segment.
            if !self.of_kind(kind).all(|segment| self.has_pages(segment.address, segment.memory_size)) {
                return malformed("a segment that the loader follows is not in a loadable segment");
            }
        }
        Ok(())
    }

    /// The one dynamic segment.
    pub(super) fn dynamic(&self) -> Result<Segment, ObjectError> {
        let malformed = |what| Err(ObjectError::Malformed { what });
        let mut found = self.of_kind(elf::PT_DYNAMIC);
        let (Some(dynamic), other) = (found.next(), found.next()) else {
            return malformed("there is no dynamic segment");
        };
        if other.is_some() {
            return malformed("there are several dynamic segments");
        }
        if !self.maps(dynamic.offset, dynamic.size, dynamic.address) {
            return malformed("the dynamic segment is not in a loadable segment");
        }
        Ok(*dynamic)
    }

    /// What the loader would do by these headers that no host wants.
    pub(super) fn hazards(&self) -> impl Iterator<Item = Hazard> {
        // The header that asks for an executable stack, and its absence on machines where that means the same, are not
        // distinguished: every linker of today writes it.
        let mut stacks =
            self.of_kind(elf::PT_GNU_STACK).map(|stack| stack.flags.contains(elf::PF_X)).peekable();
        let stack = stacks.peek().is_none() || stacks.any(|is_executable| is_executable);
        let both =
            |segment: &&Segment| segment.flags.contains(elf::PF_W) && segment.flags.contains(elf::PF_X);
        let writable = self.loads.iter().filter(both);
        stack
            .then_some(Hazard::ExecutableStack)
            .into_iter()
            .chain(writable.map(|segment| Hazard::WritableCode { address: segment.address }))
    }

    /// Whether the loader maps these bytes of the file, and no others, at `address`.
    pub(super) fn maps(&self, offset: u64, size: u64, address: u64) -> bool {
        size != 0 && self.offset_of(address, size) == Some(offset)
    }

    /// Where in the file is what the loader maps at `address`; `None` if not all of it comes from one segment of the file.
    pub(super) fn offset_of(&self, address: u64, size: u64) -> Option<u64> {
        // No two segments share a page: what is within one is in no other.
        self.loads.iter().find_map(|load| {
            let inside = address.checked_sub(load.address)?;
            let end = inside.checked_add(size)?;
            (end <= load.size).then(|| load.offset.checked_add(inside)).flatten()
        })
    }

    /// Whether memory of one segment is at `address`, be it from the file or zeros.
    pub(super) fn has(&self, address: u64, size: u64) -> bool {
        self.loads.iter().any(|load| {
            let end = address.checked_sub(load.address).and_then(|inside| inside.checked_add(size));
            end.is_some_and(|end| end <= load.memory_size)
        })
    }

    /// Whether code of the library is at `address`.
    pub(super) fn has_code(&self, address: u64) -> bool {
        let is_code = |load: &&Segment| load.flags.contains(elf::PF_X);
        self.loads
            .iter()
            .filter(is_code)
            .any(|load| address.checked_sub(load.address).is_some_and(|inside| inside < load.size))
    }

    fn has_pages(&self, address: u64, size: u64) -> bool {
        self.loads.iter().any(|load| {
            let past = address.checked_add(size);
            address >= load.address && past.is_some_and(|past| past <= pages_end(load))
        })
    }
}

/// Where the pages of a segment end. Its addresses were checked not to overflow; at the end of memory, its last page is
/// cut.
fn pages_end(load: &Segment) -> u64 {
    load.address.saturating_add(load.memory_size).checked_next_multiple_of(SMALLEST_PAGE).unwrap_or(u64::MAX)
}

/// The segments that will be mapped. The loader trusts these headers: a segment past the end of the file kills the
/// process at the first touch (SIGBUS), segments out of order or in one page are mapped over each other.
fn loads(source: Source<'_>, segments: &[Segment]) -> Result<Vec<Segment>, ObjectError> {
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
        if segment.address % SMALLEST_PAGE != segment.offset % SMALLEST_PAGE {
            return Err(malformed("a loadable segment is not at the same place in its page as in the file"));
        }
        let page = segment.address - segment.address % SMALLEST_PAGE;
        if loads.last().is_some_and(|last| last.address > segment.address || pages_end(last) > page) {
            return Err(malformed("the loadable segments share a page or are out of order"));
        }
        loads.push(*segment);
    }
    if loads.is_empty() { Err(malformed("there is no loadable segment")) } else { Ok(loads) }
}
