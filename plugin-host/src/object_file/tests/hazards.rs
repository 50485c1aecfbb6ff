//! What a library may ask of the loader, as real linkers write it, and what a corrupted one asks.

use super::*;

/// A library of what the compiler makes of `source` with `flags`.
fn linked(source: &str, flags: &[&str]) -> ObjectFacts {
    let shop = Workshop::new();
    let flags: Vec<&str> = ["-shared", "-fPIC"].iter().chain(flags).copied().collect();
    read_at(&shop.compile(source, &flags)).unwrap()
}

fn hazards(source: &str, flags: &[&str]) -> Vec<Hazard> {
    linked(source, flags).hazards
}

#[test]
fn what_linkers_are_told_to_ask_of_the_loader_is_seen() {
    let search = |kind, found: &str| vec![Hazard::SearchPath { kind, found: found.to_owned() }];
    let one = |name: &str, flags: &[&str]| match hazards(FUNCTION, flags).as_slice() {
        [Hazard::Extension { name: found, .. }] => assert_eq!(*found, name),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(hazards(FUNCTION, &[]), []);
    assert_eq!(hazards(FUNCTION, &["-Wl,-z,execstack"]), [Hazard::ExecutableStack]);
    assert_eq!(hazards(FUNCTION, &["-Wl,-rpath,$ORIGIN/lib"]), search("RUNPATH", "$ORIGIN/lib"));
    assert_eq!(hazards(FUNCTION, &["-Wl,--disable-new-dtags,-rpath,/tmp"]), search("RPATH", "/tmp"));
    let written = "__asm__(\".pushsection .both,\\\"awx\\\",@progbits\\n.quad 1\\n.popsection\");";
    assert!(matches!(*hazards(written, &["-Wl,--no-warn-rwx-segments"]), [Hazard::WritableCode { .. }]));
    let relocated = "__asm__(\".text\\n.globl there\\nthere: .quad somewhere_else\\n\");";
    assert_eq!(hazards(relocated, &["-Wl,-z,notext"]), [Hazard::TextRelocations]);

    one("DT_AUDIT", &["-Wl,--audit,libaudit.so"]);
    one("DT_DEPAUDIT", &["-Wl,--depaudit,libaudit.so"]);
    one("DT_FILTER", &["-Wl,-F,libother.so"]);
    one("DT_AUXILIARY", &["-Wl,-f,libother.so"]);
    one("DF_1_INTERPOSE", &["-Wl,-z,interpose"]);
    one("DF_1_INITFIRST", &["-Wl,-z,initfirst"]);
    one("DF_1_NOOPEN", &["-Wl,-z,nodlopen"]);
    one("DF_1_GLOBAL", &["-Wl,-z,global"]);
}

#[test]
fn needed_libraries_are_listed_and_those_by_path_are_a_hazard() {
    assert_eq!(linked(FUNCTION, &["-nostdlib"]).needed, Vec::<String>::new());
    let facts = linked(FUNCTION, &["-Wl,--no-as-needed", "-lm"]);
    assert_eq!(facts.needed, ["libm.so.6", "libc.so.6"]);
    let shop = Workshop::new();
    let other = shop.0.path().join("libother.so");
    std::fs::rename(shop.compile(FUNCTION, &["-shared", "-fPIC"]), &other).unwrap();
    let other = other.to_str().unwrap();
    let facts = linked("", &["-Wl,--no-as-needed", other]);
    assert_eq!(facts.hazards, [Hazard::NeededByPath { found: other.to_owned() }]);

    // The loader makes a path of it.
    let named = shop.compile(FUNCTION, &["-shared", "-fPIC", "-Wl,-soname,ld-linux-$ORIGIN.so.2"]);
    let facts = linked("", &["-Wl,--no-as-needed", named.to_str().unwrap()]);
    assert_eq!(facts.hazards, [Hazard::NeededByPath { found: "ld-linux-$ORIGIN.so.2".to_owned() }]);
}

/// Where the entries of the dynamic segment are in the file: tag, and offset of the entry.
fn entries(bytes: &[u8]) -> Vec<(u64, usize)> {
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let header = headers(bytes, 2)[0];
    let (start, size) = (word(header + 8), word(header + 32));
    let all = (start..start + size).step_by(16).map(|at| usize::try_from(at).unwrap());
    all.map(|at| (word(at), at)).collect()
}

#[test]
fn no_entry_of_the_dynamic_segment_leads_out_of_the_library() {
    let shop = Workshop::new();
    let source = format!(
        "{FUNCTION}int other(void);
                  __attribute__((constructor)) static void run(void) {{ other(); }}\n"
    );
    let flags = ["-shared", "-fPIC", "-Wl,--no-as-needed", "-lm"];
    let good = std::fs::read(shop.compile(&source, &flags)).unwrap();
    let of = |tag: u64| entries(&good).iter().find(|(found, _)| *found == tag).map(|(_, at)| *at);
    let malformed = |at: usize, value: u64| {
        let mut bytes = good.clone();
        put(&mut bytes, at, &value.to_le_bytes());
        match shop.read(&bytes).unwrap_err() {
            ObjectError::Malformed { what } => what,
            other => panic!("{other:?}"),
        }
    };
    // Addresses of tables, of constructors, and what is read at the second word of an entry.
    let addresses = [5, 6, 7, 12, 13, 23, 25, 26, 0x6fff_fef5, 0x6fff_fff0, 0x6fff_fffe];
    for tag in addresses.into_iter().filter_map(of) {
        for value in [0x7fff_0000, u64::MAX, u64::MAX - 8] {
            malformed(tag + 8, value);
        }
    }
    // Their sizes, and the size of one entry of each.
    for tag in [2, 8, 10, 27, 28].into_iter().filter_map(of) {
        for value in [0x7fff_0000, u64::MAX] {
            malformed(tag + 8, value);
        }
    }
    for tag in [9, 11] {
        assert!(malformed(of(tag).unwrap() + 8, 16).starts_with("the size of an entry"), "{tag}");
    }
    assert!(malformed(of(20).unwrap() + 8, 5).starts_with("the kind of the relocations"));
    // A constructor in memory that is not code.
    let data = headers(&good, 1)[3] + 16;
    let data = u64::from_le_bytes(good[data..data + 8].try_into().unwrap());
    assert_eq!(malformed(of(12).unwrap() + 8, data), "a constructor is not code");
    // A name behind the table of names, and a second table.
    assert_eq!(malformed(of(1).unwrap() + 8, 1 << 20), "a name in the dynamic segment");
    assert!(malformed(of(12).unwrap(), 5).ends_with("is repeated"));
}

#[test]
fn the_dynamic_segment_is_read_as_the_loader_reads_it() {
    let shop = Workshop::new();
    let good = shop.plugin();
    let header = headers(&good, 2)[0];
    let malformed = |at: usize, value: &[u8]| {
        let mut bytes = good.clone();
        put(&mut bytes, at, value);
        match shop.read(&bytes).unwrap_err() {
            ObjectError::Malformed { what } => what,
            other => panic!("{other:?}"),
        }
    };
    // Cut before its last entry: the loader would read on.
    let last = entries(&good).iter().position(|(tag, _)| *tag == 0).unwrap();
    assert_eq!(malformed(header + 32, &(last as u64 * 16).to_le_bytes()), "the dynamic segment has no end");
    // A second one, of which the loader takes the last.
    let note = headers(&good, 4)[0];
    assert_eq!(malformed(note, &2u32.to_le_bytes()), "there are several dynamic segments");
    // Program headers elsewhere than they are, and what is protected outside of the library.
    let relro = headers(&good, 0x6474_e552)[0];
    for at in [relro + 16, relro + 40] {
        assert!(malformed(at, &(1u64 << 40).to_le_bytes()).contains("the loader follows"));
    }
    // The second stack header counts for the loader.
    let mut bytes = good.clone();
    let eh_frame = headers(&good, 0x6474_e550)[0];
    put(&mut bytes, eh_frame, &0x6474_e551u32.to_le_bytes());
    put(&mut bytes, eh_frame + 4, &7u32.to_le_bytes());
    assert_eq!(shop.read(&bytes).unwrap().hazards, [Hazard::ExecutableStack]);
}

#[test]
fn no_flipped_byte_of_the_dynamic_segment_panics() {
    let shop = Workshop::new();
    let mut bytes = shop.plugin();
    let all = entries(&bytes);
    let (start, end) = (all[0].1, all[all.len() - 1].1);
    for at in start..end {
        for mask in [0x01, 0x80, 0xff] {
            bytes[at] ^= mask;
            drop(shop.read(&bytes));
            bytes[at] ^= mask;
        }
    }
}
