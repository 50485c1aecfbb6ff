//! With real shared objects, compiled and corrupted here.

mod hazards;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;

const MARKS: Marks = Marks {
    elf_note_owner: b"PlugHost",
    elf_note_type: 0x504c_5547,
    pe_section: ".plug",
    macho_segment: "__DATA",
    macho_section: "__plug",
};

/// An assembler note of our owner and type in C, with `descriptor` after the alignment to `align`.
fn note(section: &str, align: u32, descriptor: &str) -> String {
    format!(
        "__asm__(\".pushsection {section},\\\"a\\\",@note\\n.balign {align}\\n.long 9, 2f-1f, 0x504c5547\\n\"
                 \".asciz \\\"PlugHost\\\"\\n.balign {align}\\n1: {descriptor}\\n2: .balign {align}\\n.popsection\");\n"
    )
}

const FUNCTION: &str = "int answer(void) { return 42; }\n";

struct Workshop(tempfile::TempDir);

impl Workshop {
    fn new() -> Workshop {
        Workshop(tempfile::tempdir().unwrap())
    }

    fn compile(&self, source: &str, flags: &[&str]) -> PathBuf {
        let (code, out) = (self.0.path().join("x.c"), self.0.path().join("x.out"));
        std::fs::write(&code, source).unwrap();
        let made = Command::new("cc").args(flags).arg("-o").args([&out, &code]).status().unwrap();
        assert!(made.success());
        out
    }

    fn plugin(&self) -> Vec<u8> {
        let source = format!("{FUNCTION}{}", note(".note.x", 4, ".ascii \\\"a descriptor\\\""));
        std::fs::read(self.compile(&source, &["-shared", "-fPIC"])).unwrap()
    }

    fn read(&self, bytes: &[u8]) -> Result<ObjectFacts, ObjectError> {
        let path = self.0.path().join("bytes");
        std::fs::write(&path, bytes).unwrap();
        read_at(&path)
    }
}

fn read_at(path: &Path) -> Result<ObjectFacts, ObjectError> {
    facts(&OpenFile::open(path).unwrap(), &MARKS)
}

fn texts(facts: &ObjectFacts) -> Vec<&str> {
    facts.descriptors.iter().map(|found| std::str::from_utf8(&found.bytes).unwrap()).collect()
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// The offsets of the program headers of type `kind` in a 64-bit little-endian file.
fn headers(bytes: &[u8], kind: u32) -> Vec<usize> {
    let count = usize::from(u16::from_le_bytes([bytes[56], bytes[57]]));
    let kinds = (0..count).map(|index| 64 + 56 * index);
    kinds.filter(|at| bytes[*at..*at + 4] == kind.to_le_bytes()).collect()
}

#[test]
fn a_plugin_is_read() {
    let shop = Workshop::new();
    let plugin = shop.plugin();
    let facts = shop.read(&plugin).unwrap();
    assert_eq!(texts(&facts), ["a descriptor"]);
    assert_eq!(facts.format, ObjectFormat::Elf);
    assert_eq!(facts.pointer_width, 64);
    assert_eq!(facts.architecture, std::env::consts::ARCH);
    assert_eq!(facts.hazards, []);
    assert_eq!(facts.needed, Vec::<String>::new());
    // In the first segment, addresses are offsets.
    let address = usize::try_from(facts.descriptors[0].address).unwrap();
    assert!(plugin[address..].starts_with(b"a descriptor"));
}

#[test]
fn notes_of_either_alignment_are_found_even_without_a_section_table() {
    let shop = Workshop::new();
    // The first of each pair ends where the two alignments differ.
    let four = ["four", "more"].map(|text| note(".note.x", 4, &format!(".ascii \\\"{text}\\\"")));
    let eight = ["nine", "ten"].map(|text| note(".note.y", 8, &format!(".ascii \\\"{text}\\\"")));
    let all = format!("{FUNCTION}{}{}", four.concat(), eight.concat());
    let check = |bytes: &[u8], what: &str| {
        let facts = shop.read(bytes).unwrap();
        let mut found = texts(&facts);
        found.sort_unstable();
        assert_eq!(found, ["four", "more", "nine", "ten"], "{what}");
    };
    for flags in
        [&["-shared", "-fPIC"][..], &["-shared", "-fPIC", "-s"], &["-shared", "-fPIC", "-g", "-Wl,-z,relro"]]
    {
        check(&std::fs::read(shop.compile(&all, flags)).unwrap(), &flags.join(" "));
    }
    let mut sectionless = std::fs::read(shop.compile(&all, &["-shared", "-fPIC"])).unwrap();
    put(&mut sectionless, 40, &[0xff; 8]);
    put(&mut sectionless, 60, &[0xff; 4]);
    check(&sectionless, "no section table");
}

#[test]
fn none_is_no_error_several_are_all_found_and_too_many_are_refused() {
    let shop = Workshop::new();
    let compile = |source: String| read_at(&shop.compile(&source, &["-shared", "-fPIC"]));
    assert_eq!(compile(FUNCTION.to_owned()).unwrap().descriptors, []);
    let repeated = |count: usize| {
        let notes = (0..count).map(|number| note(".note.x", 4, &format!(".ascii \\\"number {number}\\\"")));
        compile(notes.collect())
    };
    assert_eq!(texts(&repeated(2).unwrap()), ["number 0", "number 1"]);
    assert_eq!(repeated(MAX_DESCRIPTORS).unwrap().descriptors.len(), MAX_DESCRIPTORS);
    assert!(matches!(
        repeated(MAX_DESCRIPTORS + 1),
        Err(ObjectError::TooManyDescriptors { limit: MAX_DESCRIPTORS })
    ));

    let of_size = |size: u64| compile(note(".note.x", 4, &format!(".zero {size}")));
    assert_eq!(of_size(MAX_DESCRIPTOR_SIZE).unwrap().descriptors[0].bytes.len() as u64, MAX_DESCRIPTOR_SIZE);
    assert!(matches!(of_size(MAX_DESCRIPTOR_SIZE + 1), Err(ObjectError::DescriptorTooLarge { found, .. })
        if found == MAX_DESCRIPTOR_SIZE + 1));
    assert!(matches!(of_size(MAX_NOTES_SIZE), Err(ObjectError::NotesTooLarge { .. })));
}

#[test]
fn what_is_not_a_shared_library_is_named() {
    let shop = Workshop::new();
    let kind = |path: &Path| match read_at(path).unwrap_err() {
        ObjectError::Unsupported { found } => found,
        other => panic!("{other:?}"),
    };
    assert_eq!(kind(Path::new("/bin/true")), UnsupportedKind::Executable);
    let program = "int main(void) { return 0; }";
    assert_eq!(kind(&shop.compile(program, &["-no-pie"])), UnsupportedKind::Executable);
    // As glibc's own library is.
    let runnable = "const char interpreter[] __attribute__((section(\".interp\"))) = \"/lib/ld.so\";";
    let error = read_at(&shop.compile(runnable, &["-shared"])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected a shared library, found a program, or a library that can be run as one"
    );
    assert_eq!(kind(&shop.compile(FUNCTION, &["-c"])), UnsupportedKind::Relocatable);
    let (archive, object) = (shop.0.path().join("x.a"), shop.0.path().join("x.out"));
    assert!(Command::new("ar").arg("rc").args([&archive, &object]).status().unwrap().success());
    assert_eq!(kind(&archive), UnsupportedKind::Archive);

    for text in [&b"INPUT ( -lx )\n"[..], b"\x7f", b"\x7fEL", b"#!/bin/sh\n", &[0; 5000]] {
        let error = shop.read(text).unwrap_err();
        assert!(matches!(&error, ObjectError::NotAnObject { found } if text.starts_with(found)), "{error:?}");
    }
}

/// What `read` believes must be what the loader maps.
#[test]
fn headers_that_lie_are_refused() {
    const LOAD: u32 = 1;
    const DYNAMIC: u32 = 2;
    const NOTE: u32 = 4;
    let shop = Workshop::new();
    let good = shop.plugin();
    let ours = *headers(&good, NOTE).iter().find(|at| good[**at + 48] == 4).unwrap();
    let lie = |at: usize, value: &[u8]| {
        let mut bytes = good.clone();
        put(&mut bytes, at, value);
        shop.read(&bytes).unwrap_err()
    };
    // The note segment: another address; then outside any loadable segment, where a copy of the note is appended.
    assert!(matches!(lie(ours + 16, &[0xf0, 0xff]), ObjectError::DescriptorNotMapped { .. }));
    let mut appended = good.clone();
    let start = usize::try_from(u64::from_le_bytes(good[ours + 8..ours + 16].try_into().unwrap())).unwrap();
    appended.resize(good.len().next_multiple_of(4), 0);
    let end = appended.len() as u64;
    put(&mut appended, ours + 8, &end.to_le_bytes());
    appended.extend_from_within(start..start + 256);
    assert!(matches!(shop.read(&appended), Err(ObjectError::DescriptorNotMapped { .. })));
    assert!(matches!(lie(ours + 48, &[16]), ObjectError::Malformed { .. }));
    assert!(matches!(lie(ours + 32, &[0xff; 4]), ObjectError::Truncated { .. }));
    assert!(matches!(lie(ours + 32, &[0xff; 8]), ObjectError::Malformed { .. }));

    let loads = headers(&good, LOAD);
    assert!(matches!(
        lie(loads[1] + 32, &[0, 0, 1]),
        ObjectError::Truncated { what: "a loadable segment", .. }
    ));
    assert!(matches!(lie(loads[1] + 40, &[0; 8]), ObjectError::Malformed { .. }));
    assert!(matches!(lie(loads[1] + 40, &[0xff; 8]), ObjectError::Malformed { .. }));
    assert!(matches!(lie(loads[0] + 40, &[0, 0x20]), ObjectError::Malformed { .. }));
    let dynamic = headers(&good, DYNAMIC)[0];
    assert!(matches!(lie(dynamic + 16, &[1, 2, 3, 4, 5]), ObjectError::Malformed { .. }));
    assert!(matches!(lie(dynamic, &[9, 9, 9, 9]), ObjectError::Malformed { .. }));
    assert!(matches!(lie(56, &[65]), ObjectError::Malformed { .. }));
    assert!(matches!(lie(56, &[0xff, 0xff]), ObjectError::Malformed { .. }));
    assert!(matches!(lie(54, &[57]), ObjectError::Malformed { .. }));
}

/// A segment that the loader would map over the note's page, though no byte of it overlaps.
#[test]
fn a_descriptor_that_another_segments_page_covers_is_refused() {
    let shop = Workshop::new();
    let mut bytes = shop.plugin();
    let loads = headers(&bytes, 1);
    // The first segment ends within its page; the second begins there.
    put(&mut bytes, loads[1] + 8, &0x800u64.to_le_bytes());
    put(&mut bytes, loads[1] + 16, &0x800u64.to_le_bytes());
    put(&mut bytes, loads[1] + 40, &0x300u64.to_le_bytes());
    put(&mut bytes, loads[1] + 32, &0x10u64.to_le_bytes());
    let error = shop.read(&bytes).unwrap_err();
    assert!(
        matches!(error, ObjectError::Malformed { what } if what.starts_with("the loadable segments share a page")),
        "{error:?}"
    );
}

#[test]
fn no_truncation_and_no_flipped_byte_panics_or_reads_past_the_end() {
    let shop = Workshop::new();
    let good = shop.plugin();
    let segments_end = {
        let ends = headers(&good, 1).into_iter().map(|at| {
            let word = |at: usize| u64::from_le_bytes(good[at..at + 8].try_into().unwrap());
            word(at + 8) + word(at + 32)
        });
        usize::try_from(ends.max().unwrap()).unwrap()
    };
    for len in (1..good.len().min(1200)).chain((1200..good.len()).step_by(97)) {
        let result = shop.read(&good[..len]);
        if len < segments_end {
            assert!(
                matches!(&result, Err(ObjectError::Truncated { needs, has, .. }) if *has == len as u64 && needs > has)
                    || len < 5,
                "{len}: {result:?}"
            );
        } else {
            assert!(result.is_ok(), "only the section table is missing: {result:?}");
        }
    }
    let mut changed = good.clone();
    let mut refused = 0;
    for at in 0..1024 {
        for mask in [0x01, 0x80, 0xff] {
            changed[at] ^= mask;
            refused += usize::from(shop.read(&changed).is_err());
            changed[at] ^= mask;
        }
    }
    assert!(refused > 300, "{refused}");
}

/// No cross linker is at hand, so the headers are written here.
mod written_by_hand {
    use super::*;

    fn word(value: u32, endianness: Endianness) -> [u8; 4] {
        if endianness == Endianness::Big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn half(value: u16, endianness: Endianness) -> [u8; 2] {
        if endianness == Endianness::Big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn note(descriptor: &[u8], endianness: Endianness) -> Vec<u8> {
        let sizes = [9, u32::try_from(descriptor.len()).unwrap(), MARKS.elf_note_type];
        let mut note: Vec<u8> = sizes.iter().flat_map(|value| word(*value, endianness)).collect();
        note.extend_from_slice(b"PlugHost\0\0\0\0");
        note.extend_from_slice(descriptor);
        note.resize(note.len().next_multiple_of(4), 0);
        note
    }

    #[test]
    fn a_32_bit_big_endian_elf_file() {
        let e = Endianness::Big;
        let note = note(b"big", e);
        let size = u32::try_from(note.len()).unwrap();
        let mut file = vec![0x7f, b'E', b'L', b'F', 1, 2, 1];
        file.resize(16, 0);
        file.extend([half(3, e), half(20, e)].concat());
        file.extend([word(1, e), word(0, e), word(52, e), word(0, e), word(0, e)].concat());
        file.extend([half(52, e), half(32, e), half(3, e), half(0, e), half(0, e), half(0, e)].concat());
        let (dynamic, names) = (52 + 3 * 32 + size, b"\0libbig.so\0");
        let end = dynamic + 32 + 11;
        for [kind, offset, size, align] in [[1, 0, end, 4096], [2, dynamic, 32, 4], [4, 52 + 3 * 32, size, 4]]
        {
            let header = [kind, offset, offset + 0x10000, 0, size, size, 4, align];
            file.extend(header.iter().flat_map(|value| word(*value, e)));
        }
        file.extend(note);
        // The table of names, its size, the library at its second byte, the end.
        for value in [5, 0x10000 + dynamic + 32, 10, 11, 1, 1, 0, 0] {
            file.extend(word(value, e));
        }
        file.extend(names);
        let facts = Workshop::new().read(&file).unwrap();
        assert_eq!((&*facts.architecture, facts.pointer_width, facts.endianness), ("powerpc", 32, e));
        assert_eq!((texts(&facts), facts.descriptors[0].address), (vec!["big"], 0x10000 + 148 + 24));
        assert_eq!(facts.hazards, [Hazard::ExecutableStack], "no header says otherwise");
        assert_eq!(facts.needed, ["libbig.so"]);
    }

    fn pe(characteristics: u16, section_offset: u32) -> Vec<u8> {
        let e = Endianness::Little;
        let mut notes = vec![0; 8];
        notes.extend([note(b"first", e), vec![0; 4], note(b"second", e)].concat());
        let size = u32::try_from(notes.len()).unwrap();
        let mut file = b"MZ".to_vec();
        file.resize(60, 0);
        file.extend([word(64, e), *b"PE\0\0", [0x64, 0x86, 1, 0]].concat());
        file.resize(64 + 4 + 16, 0);
        file.extend([half(240, e), half(characteristics, e), half(0x20b, e)].concat());
        file.resize(64 + 24 + 240, 0);
        file.extend(*b".plug\0\0\0");
        file.extend([word(size, e), word(0x3000, e), word(512, e), word(section_offset, e)].concat());
        file.resize(section_offset as usize, 0);
        file.extend(notes);
        file.resize(section_offset as usize + 512, 0);
        file
    }

    #[test]
    fn a_dll_with_padding_between_its_notes() {
        let shop = Workshop::new();
        let facts = shop.read(&pe(0x2022, 512)).unwrap();
        assert_eq!(texts(&facts), ["first", "second"]);
        assert_eq!((facts.format, &*facts.architecture), (ObjectFormat::Pe, "x86_64"));
        assert_eq!(facts.descriptors[0].address, 0x3000 + 8 + 24);
        let error = |file: &[u8]| shop.read(file).unwrap_err();
        assert!(matches!(
            error(&pe(0x0022, 512)),
            ObjectError::Unsupported { found: UnsupportedKind::Executable }
        ));
        assert!(matches!(error(&pe(0x2022, 520)), ObjectError::DescriptorNotMapped { .. }));
        let good = pe(0x2022, 512);
        for len in 2..good.len() {
            assert!(matches!(error(&good[..len]), ObjectError::Truncated { .. }), "{len}");
        }
        survives_flips(&shop, good);
    }

    /// Of the directories of a library, that of imports, which leads to two, and of one to load later.
    #[test]
    fn what_a_dll_imports_is_listed() {
        let e = Endianness::Little;
        let mut file = pe(0x2022, 512);
        let optional = 64 + 24;
        put(&mut file, optional + 240, b".idata\0\0");
        put(&mut file, optional + 108, &word(16, e));
        put(&mut file, optional + 112 + 8, &word(0x3100, e));
        put(&mut file, optional + 112 + 13 * 8, &word(0x3140, e));
        // The section is 512 bytes in the file and in memory.
        put(&mut file, 64 + 24 + 240 + 8, &word(512, e));
        for (at, name) in [(0x100, 0x3180), (0x114, 0x3190)] {
            put(&mut file, 512 + at + 12, &word(name, e));
        }
        put(&mut file, 512 + 0x144, &word(0x31a0, e));
        put(&mut file, 512 + 0x180, b"KERNEL32.dll\0");
        put(&mut file, 512 + 0x190, b"sqlite3.dll\0");
        put(&mut file, 512 + 0x1a0, b"later.dll\0");
        let shop = Workshop::new();
        let facts = shop.read(&file).unwrap();
        assert_eq!(facts.needed, ["KERNEL32.dll", "sqlite3.dll", "later.dll"]);
        assert_eq!(facts.hazards, []);
        put(&mut file, 64 + 24 + 240 + 36, &word(0xe000_0020, e));
        assert_eq!(shop.read(&file).unwrap().hazards, [Hazard::WritableCode { address: 0x3000 }]);
        survives_flips(&shop, file);
    }

    fn mach(kind: u32, section_address: u64) -> Vec<u8> {
        let e = Endianness::Little;
        let note = note(b"apple", e);
        let start = 32 + 72 + 72 + 80;
        let long = |value: u64| value.to_le_bytes();
        let name = |name: &str| {
            let mut bytes = [0; 16];
            bytes[..name.len()].copy_from_slice(name.as_bytes());
            bytes
        };
        let mut file = Vec::new();
        let commands = 72 + 72 + 80;
        for value in [0xfeed_facf, 0x0100_000c, 0, kind, 2, commands, 0, 0] {
            file.extend(word(value, e));
        }
        let mut segment = |title: &str, address: u64, offset: u64, size: u64, sections: u32| {
            file.extend([word(0x19, e), word(72 + 80 * sections, e)].concat());
            file.extend(name(title));
            file.extend([long(address), long(0x1000), long(offset), long(size)].concat());
            file.extend([word(3, e), word(3, e), word(sections, e), word(0, e)].concat());
        };
        segment("__TEXT", 0x10_0000, 0, start, 0);
        segment("__DATA", 0x10_4000, start, note.len() as u64, 1);
        file.extend([name("__plug"), name("__DATA")].concat());
        file.extend([long(section_address), long(note.len() as u64)].concat());
        for value in [u32::try_from(start).unwrap(), 2, 0, 0, 0, 0, 0, 0] {
            file.extend(word(value, e));
        }
        file.extend(note);
        file
    }

    #[test]
    fn a_dylib_whose_address_counts_from_its_header() {
        let shop = Workshop::new();
        let good = mach(6, 0x10_4000);
        let facts = shop.read(&good).unwrap();
        assert_eq!((texts(&facts), facts.descriptors[0].address), (vec!["apple"], 0x4000 + 24));
        assert_eq!((facts.format, &*facts.architecture), (ObjectFormat::MachO, "aarch64"));
        let error = |file: &[u8]| shop.read(file).unwrap_err();
        assert!(matches!(
            error(&mach(2, 0x10_4000)),
            ObjectError::Unsupported { found: UnsupportedKind::Executable }
        ));
        assert!(matches!(error(&mach(6, 0x10_4004)), ObjectError::DescriptorNotMapped { .. }));
        for len in 4..good.len() {
            assert!(matches!(error(&good[..len]), ObjectError::Truncated { .. }), "{len}");
        }
        survives_flips(&shop, good);
    }

    #[test]
    fn what_a_dylib_needs_is_listed() {
        let e = Endianness::Little;
        let command = |kind: u32, head: &[u32], text: &[u8]| {
            let head: Vec<u8> = head.iter().flat_map(|value| word(*value, e)).collect();
            let size = (8 + head.len() + text.len()).next_multiple_of(8);
            let mut bytes = [word(kind, e), word(u32::try_from(size).unwrap(), e)].concat();
            bytes.extend(head);
            bytes.extend(text);
            bytes.resize(size, 0);
            bytes
        };
        let commands = [
            command(0x0c, &[24, 0, 0, 0], b"/usr/lib/libSystem.B.dylib\0"),
            command(0x8000_0018, &[24, 0, 0, 0], b"@rpath/libweak.dylib\0"),
            command(0x8000_001c, &[12], b"@loader_path\0"),
        ];
        let mut file = mach(6, 0x10_4000);
        // As many commands more, and as many bytes; the text segment holds them, the notes move behind them.
        let all = commands.concat();
        let (counts, end) = (3 + 2u32, 32 + 72 + 72 + 80);
        put(&mut file, 16, &word(counts, e));
        put(&mut file, 20, &word(72 + 72 + 80 + u32::try_from(all.len()).unwrap(), e));
        let added = all.len() as u64;
        for at in [32 + 72 + 40, 32 + 72 + 72 + 48] {
            let old = u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
            put(&mut file, at, &word(old + u32::try_from(added).unwrap(), e));
        }
        file.splice(end..end, all);
        let shop = Workshop::new();
        let facts = shop.read(&file).unwrap();
        assert_eq!(texts(&facts), ["apple"]);
        assert_eq!(facts.needed, ["/usr/lib/libSystem.B.dylib", "@rpath/libweak.dylib"]);
        let search = Hazard::SearchPath { kind: "LC_RPATH", found: "@loader_path".to_owned() };
        assert_eq!(facts.hazards, std::slice::from_ref(&search));
        // The stack is executable by the flags of the header, a segment by its protection.
        put(&mut file, 24, &word(0x2_0000, e));
        put(&mut file, 32 + 60, &word(7, e));
        let writable = Hazard::WritableCode { address: 0x10_0000 };
        assert_eq!(shop.read(&file).unwrap().hazards, [writable, search, Hazard::ExecutableStack]);
        survives_flips(&shop, file);
    }

    fn survives_flips(shop: &Workshop, mut file: Vec<u8>) {
        for at in 0..file.len() {
            file[at] ^= 0xff;
            drop(shop.read(&file));
            file[at] ^= 0xff;
        }
    }
}
