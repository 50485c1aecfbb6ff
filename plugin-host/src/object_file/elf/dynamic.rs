//! The dynamic segment: which other libraries the loader brings, and what else it is told to do.
//!
//! The loader follows every address in it without a check, so each must lie in what is mapped; it does not look at the
//! size of the segment, but reads on to the entry that ends it.

use object::Endianness;
use object::elf::{self, DynamicTag};
use object::read::elf::{Dyn, FileHeader};

use super::super::{Hazard, ObjectError, source::Source};
use super::segments::{Segment, Segments};

/// Linkers write some 30 entries of 16 bytes.
const MAX_SIZE: u64 = 16 << 10;

/// The most libraries that are listed; a plugin needs three or four.
const MAX_NEEDED: usize = 64;

/// The longest name of a library, or list of directories, that is shown.
const MAX_NAME: u64 = 1024;

/// A plugin exports few names: its table has a kilobyte.
const USUAL_TABLE: u64 = 8 << 10;

/// What the dynamic segment says.
pub(super) struct Dynamic {
    /// The libraries that the loader brings for this one.
    pub(super) needed: Vec<String>,
    pub(super) hazards: Vec<Hazard>,
}

pub(super) fn read<Elf: FileHeader<Endian = Endianness>>(
    source: Source<'_>,
    segments: &Segments,
    segment: Segment,
    endianness: Endianness,
    is_64: bool,
) -> Result<Dynamic, ObjectError> {
    let malformed = |what| ObjectError::Malformed { what };
    if segment.size > MAX_SIZE {
        return Err(malformed("the dynamic segment has more than 16 KiB"));
    }
    let count = u16::try_from(segment.size / size_of::<Elf::Dyn>() as u64)
        .map_err(|_| malformed("the dynamic segment"))?;
    let raw = source.many::<Elf::Dyn>("the dynamic segment", segment.offset, count)?;
    let mut entries = Entries { usual: [Usual::Absent; USUAL_TAGS], others: Vec::new(), segments, source };
    for entry in raw {
        match entry.tag(endianness) {
            elf::DT_NULL => {
                entries.check_tables(is_64)?;
                return entries.facts();
            }
            tag => entries.add(tag, entry.val(endianness)),
        }
    }
    Err(malformed("the dynamic segment has no end"))
}

/// The entries, so that those which are there once are found without a search.
struct Entries<'s, 'f> {
    /// By tag, those of the specification's first range.
    usual: [Usual; USUAL_TAGS],
    /// Those of larger tags, and all of a tag that is there several times.
    others: Vec<(DynamicTag, u64)>,
    segments: &'s Segments,
    source: Source<'f>,
}

/// The tags up to `DT_RELRENT`, and some room.
const USUAL_TAGS: usize = 40;

#[derive(Clone, Copy)]
enum Usual {
    Absent,
    Once(u64),
    Repeated,
}

/// An address, and the entry that says how many bytes are there.
const TABLES: [(DynamicTag, DynamicTag, &str); 7] = [
    (elf::DT_STRTAB, elf::DT_STRSZ, "the table of names is not in a loadable segment"),
    (elf::DT_RELA, elf::DT_RELASZ, "the relocations are not in a loadable segment"),
    (elf::DT_REL, elf::DT_RELSZ, "the relocations are not in a loadable segment"),
    (elf::DT_RELR, elf::DT_RELRSZ, "the relative relocations are not in a loadable segment"),
    (elf::DT_JMPREL, elf::DT_PLTRELSZ, "the relocations of calls are not in a loadable segment"),
    (elf::DT_INIT_ARRAY, elf::DT_INIT_ARRAYSZ, "the constructors are not in a loadable segment"),
    (elf::DT_FINI_ARRAY, elf::DT_FINI_ARRAYSZ, "the destructors are not in a loadable segment"),
];

/// Addresses of tables that say themselves how large they are.
const PLACES: [DynamicTag; 7] = [
    elf::DT_SYMTAB,
    elf::DT_HASH,
    elf::DT_GNU_HASH,
    elf::DT_VERSYM,
    elf::DT_VERNEED,
    elf::DT_VERDEF,
    elf::DT_PLTGOT,
];

/// Entries that have a meaning for the loader which no plugin needs, and what they are for.
const EXTENSIONS: [(DynamicTag, &str, &str); 6] = [
    (elf::DT_AUDIT, "DT_AUDIT", "has another library watch what is loaded"),
    (elf::DT_DEPAUDIT, "DT_DEPAUDIT", "has another library watch what is loaded"),
    (elf::DT_CONFIG, "DT_CONFIG", "has the loader read a file of settings"),
    (elf::DT_FILTER, "DT_FILTER", "has another library take the place of its functions"),
    (elf::DT_AUXILIARY, "DT_AUXILIARY", "has another library take the place of its functions"),
    (elf::DT_PREINIT_ARRAY, "DT_PREINIT_ARRAY", "has code run before that of the program"),
];

/// As above, for bits of `DT_FLAGS_1`.
const FLAGS: [(elf::DynamicFlags1, &str, &str); 8] = [
    (elf::DF_1_GLOBAL, "DF_1_GLOBAL", "shows its symbols to all other libraries"),
    (elf::DF_1_LOADFLTR, "DF_1_LOADFLTR", "has another library take the place of its functions"),
    (elf::DF_1_INITFIRST, "DF_1_INITFIRST", "has its code run before that of what it needs"),
    (elf::DF_1_NOOPEN, "DF_1_NOOPEN", "says that it cannot be loaded by a running program"),
    (elf::DF_1_INTERPOSE, "DF_1_INTERPOSE", "takes the place of other libraries' functions"),
    (elf::DF_1_CONFALT, "DF_1_CONFALT", "has the loader read a file of settings"),
    (elf::DF_1_GLOBAUDIT, "DF_1_GLOBAUDIT", "has another library watch what is loaded"),
    (elf::DF_1_PIE, "DF_1_PIE", "says that it is a program"),
];

impl Entries<'_, '_> {
    fn add(&mut self, tag: DynamicTag, value: u64) {
        let Some(usual) = usize::try_from(tag.0).ok().and_then(|tag| self.usual.get_mut(tag)) else {
            return self.others.push((tag, value));
        };
        match *usual {
            Usual::Absent => *usual = Usual::Once(value),
            Usual::Once(first) => {
                *usual = Usual::Repeated;
                self.others.extend([(tag, first), (tag, value)]);
            }
            Usual::Repeated => self.others.push((tag, value)),
        }
    }

    /// Whether the loader finds what it looks for. It stops the process where the size of an entry is not its own.
    fn check_tables(&self, is_64: bool) -> Result<(), ObjectError> {
        let malformed = |what| Err(ObjectError::Malformed { what });
        for (address, size, what) in TABLES {
            match (self.only(address)?, self.only(size)?) {
                (Some(_), Some(0)) | (None, None | Some(0)) => {}
                (Some(address), Some(size)) if self.segments.has(address, size) => {}
                (Some(_) | None, _) => return malformed(what),
            }
        }
        for tag in PLACES {
            if self.only(tag)?.is_some_and(|address| !self.segments.has(address, 4)) {
                return malformed("a table of the dynamic segment is not in a loadable segment");
            }
        }
        for tag in [elf::DT_INIT, elf::DT_FINI] {
            if self.only(tag)?.is_some_and(|address| !self.segments.has_code(address)) {
                return malformed("a constructor is not code");
            }
        }
        let (word, symbol) = if is_64 { (8, 24) } else { (4, 16) };
        for (tag, expected) in [
            (elf::DT_SYMENT, symbol),
            (elf::DT_RELAENT, 3 * word),
            (elf::DT_RELENT, 2 * word),
            (elf::DT_RELRENT, word),
        ] {
            if self.only(tag)?.is_some_and(|found| found != expected) {
                return malformed("the size of an entry of the dynamic segment's tables");
            }
        }
        let kinds = [elf::DT_RELA, elf::DT_REL].map(|DynamicTag(tag)| tag.cast_unsigned());
        if self.only(elf::DT_PLTREL)?.is_some_and(|found| !kinds.contains(&found)) {
            return malformed("the kind of the relocations of calls");
        }
        Ok(())
    }

    fn facts(&self) -> Result<Dynamic, ObjectError> {
        let names = self.all(elf::DT_NEEDED);
        if names.clone().count() > MAX_NEEDED {
            return Err(ObjectError::Malformed { what: "more than 64 needed libraries" });
        }
        let needed = names.map(|name| self.text(name)).collect::<Result<Vec<_>, _>>()?;

        let mut hazards = Vec::new();
        for (tag, name) in [(elf::DT_RPATH, "RPATH"), (elf::DT_RUNPATH, "RUNPATH")] {
            for path in self.all(tag) {
                hazards.push(Hazard::SearchPath { kind: name, found: self.text(path)? });
            }
        }
        let (flags, flags_1) = (self.bits(elf::DT_FLAGS), self.bits(elf::DT_FLAGS_1));
        let text_relocations = flags & elf::DF_TEXTREL.0 != 0;
        if text_relocations || self.all(elf::DT_TEXTREL).next().is_some() {
            hazards.push(Hazard::TextRelocations);
        }
        for (tag, name, effect) in EXTENSIONS {
            if self.all(tag).next().is_some() {
                hazards.push(Hazard::Extension { name, effect });
            }
        }
        for (flag, name, effect) in FLAGS {
            if flags_1 & flag.0 != 0 {
                hazards.push(Hazard::Extension { name, effect });
            }
        }
        // The loader replaces `$ORIGIN` and its like by paths.
        let by_path = needed.iter().filter(|name| name.contains(['/', '$']));
        hazards.extend(by_path.map(|name| Hazard::NeededByPath { found: name.clone() }));
        Ok(Dynamic { needed, hazards })
    }

    /// The values of a tag, in their order.
    fn all(&self, wanted: DynamicTag) -> impl Iterator<Item = u64> + Clone {
        let usual = usize::try_from(wanted.0).ok().and_then(|tag| self.usual.get(tag));
        let (only, others) = match usual {
            Some(Usual::Absent) => (None, [].iter()),
            Some(Usual::Once(value)) => (Some(*value), [].iter()),
            Some(Usual::Repeated) | None => (None, self.others.iter()),
        };
        let others = others.filter(move |(tag, _)| *tag == wanted).map(|(_, value)| *value);
        only.into_iter().chain(others)
    }

    /// The value of an entry that is there once at most: the loader goes by the last one.
    fn only(&self, wanted: DynamicTag) -> Result<Option<u64>, ObjectError> {
        let mut values = self.all(wanted);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => {
                Err(ObjectError::Malformed { what: "an entry of the dynamic segment is repeated" })
            }
        }
    }

    fn bits(&self, tag: DynamicTag) -> u64 {
        self.all(tag).fold(0, |bits, value| bits | value)
    }

    /// A text of the table of names.
    fn text(&self, position: u64) -> Result<String, ObjectError> {
        let malformed = || ObjectError::Malformed { what: "a name in the dynamic segment" };
        let table = self.only(elf::DT_STRTAB)?.ok_or_else(malformed)?;
        let size = self.only(elf::DT_STRSZ)?.ok_or_else(malformed)?;
        let rest = size.checked_sub(position).ok_or_else(malformed)?.min(MAX_NAME);
        // A table of the usual size is read once, for all names in it.
        let (start, length, inside) = match size <= USUAL_TABLE {
            true => (table, size, position),
            false => (table.checked_add(position).ok_or_else(malformed)?, rest, 0),
        };
        let offset = self.segments.offset_of(start, length).ok_or_else(malformed)?;
        let bytes = self.source.bytes("a name in the dynamic segment", offset, length)?;
        let inside = usize::try_from(inside).ok().and_then(|inside| bytes.get(inside..)).unwrap_or_default();
        let bytes = usize::try_from(rest).ok().and_then(|rest| inside.get(..rest)).unwrap_or_default();
        let end = bytes.iter().position(|byte| *byte == 0).ok_or_else(malformed)?;
        Ok(String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned())
    }
}
