//! Descriptors that no encoder wrote: whatever they say, a comparison ends, soon and without a panic.

use std::{panic::catch_unwind, time::Instant};

use plugin_core::{
    Declaration, InterfaceLayout, Method, PointerKind, Receiver, Shape, Toolchain, TypeLayout,
    abi::{RSlice, RString, RVec, Tuple2},
    compat::{self, Offer},
    descriptor::{
        DecodeError, Descriptor, Head, PluginLayout, RequirementLayout, SymbolKind, SymbolLayout,
        encode_expected, encode_now,
    },
};
use xxhash_rust::const_xxh3::xxh3_64;

use crate::build::{Layout, array, c, full, getter, layout, method, of, pointer, since, tagged, vec};

/// A descriptor with something of everything.
fn rich(size: Layout) -> Vec<u8> {
    let node = layout("Node", &[], 8, 8, Shape::Recursive(&[]));
    let header = c("Header", &[("size", size), ("next", pointer(PointerKind::NonNull, node))]);
    let error = tagged(of::<u8>(), &[("Corrupt", 0, &[("offset", 8, of::<u64>())]), ("Full", 1, &[])], 16, 8);
    let declaration =
        Declaration { origin: "api", lifetimes: "", is_transparent: false, growth: Some(&["1.1.0"]) };
    let Shape::Struct(fields) = header.shape else { panic!() };
    let request =
        Box::leak(Box::new(TypeLayout::declared(declaration, "Request", &[], 8, 8, Shape::Struct(fields))));
    let declaration = Declaration { growth: Some(&[]), ..declaration };
    let event = Box::leak(Box::new(TypeLayout::declared(declaration, "Event", &[], 16, 8, error.shape)));
    let base = full("base::Named", "1.0.0", &[], (true, false), &[getter("name")]);
    let interface: &'static InterfaceLayout = full(
        "codec_api::Codec",
        "0.1.0",
        &[base],
        (true, true),
        &[
            method("compress", &[("input", of::<RSlice<'_, u8>>()), ("header", header)], of::<RVec<u8>>()),
            method(
                "pairs",
                &[("", vec(of::<Tuple2<u8, RString>>()))],
                layout("Result", &[array(header, 2), error], 48, 8, Shape::Opaque),
            ),
            Method::new("visit", Receiver::Mutable, "", "'0 -> '0", of::<extern "C" fn(u8) -> u16>()),
            method("grow", &[("", vec(request))], event),
            since("0.1.1", getter("level")),
        ],
    );
    let symbols = [
        SymbolLayout { name: "V", kind: SymbolKind::Static, lifetimes: "", layout: header },
        SymbolLayout {
            name: "f",
            kind: SymbolKind::Function,
            lifetimes: "'0",
            layout: of::<extern "C" fn(u8)>(),
        },
    ];
    let other = full("base::Clock", "1.2.0", &[], (true, true), &[getter("now")]);
    let requires = [
        RequirementLayout { interface: other, versions: ">=1.2, <2", is_optional: true },
        RequirementLayout { interface, versions: "0.1", is_optional: false },
    ];
    encode_now(&PluginLayout {
        name: "rich",
        version: "0.1.0",
        root_symbol: "plugin_root_rich",
        toolchain: Toolchain::CURRENT,
        provides: Box::leak(Box::new([interface])),
        requires: Box::leak(Box::new(requires)),
        symbols: Box::leak(Box::new(symbols)),
        state: &[],
    })
}

fn seal(bytes: &mut [u8]) {
    let checksum = xxh3_64(&bytes[16..]);
    bytes[8..16].copy_from_slice(&checksum.to_le_bytes());
}

/// Compares everything in one descriptor with everything in the other; returns whether anything differs.
fn compare_all(host: &Descriptor<'_>, plugin: &Descriptor<'_>) -> bool {
    let strict = compat::ToolchainPolicy::Strict;
    let mut differs = !compat::toolchain(&host.toolchain, &plugin.toolchain, strict).is_empty();
    assert_eq!(compat::toolchain_fits(&host.toolchain, &plugin.toolchain, strict), !differs);
    for one in host.provides() {
        for other in plugin.provides() {
            let fits = bounded(compat::interface((host, one), (plugin, other))).is_empty();
            assert_eq!(compat::fits((host, one), (plugin, other)), fits);
            assert!(!(fits && compat::differs_at_once((host, one), (plugin, other))));
            differs |= !fits;
        }
    }
    for (one, _) in host.requires() {
        assert!(compat::display_versions(one).to_string().len() < 2000);
        for other in plugin.provides() {
            if let Offer::OtherForm(mismatches) = compat::offer((host, one), (plugin, other)) {
                bounded(mismatches);
            }
        }
    }
    for one in host.symbols() {
        for other in plugin.symbols() {
            differs |= !bounded(compat::symbol((host, one), (plugin, other))).is_empty();
        }
    }
    // As many as `rich` has; an index beyond the end is a leaf without a name.
    for index in 0..40 {
        assert!(compat::display_type(plugin, index).to_string().len() < 2000);
        bounded(compat::types((host, index), (plugin, index), "type"));
    }
    differs
}

fn bounded(found: Vec<compat::Mismatch>) -> Vec<compat::Mismatch> {
    assert!(found.len() <= 65);
    for mismatch in &found {
        assert!(!mismatch.expected.is_empty() && mismatch.expected != mismatch.found, "{mismatch}");
        assert!(mismatch.to_string().len() < 50_000);
    }
    found
}

/// Decodes changed bytes and, if they are a descriptor still, compares them with the good ones both ways.
fn try_out(good: &Descriptor<'_>, bytes: &[u8], what: impl Fn() -> String) -> bool {
    let head = catch_unwind(|| {
        let Ok(head) = Head::decode(bytes) else { return };
        let _ = compat::fits_by_digests(good, &head);
        head.interfaces()
            .iter()
            .for_each(|entry| assert!(head.supers(entry).all(|entry| entry.id.len() < 500)));
        assert_eq!(head.at(bytes).unwrap().name, head.name);
    });
    head.unwrap_or_else(|_| panic!("panicked over the head: {}", what()));
    let outcome = catch_unwind(|| match Descriptor::decode(bytes) {
        Ok(bad) => {
            compare_all(good, &bad);
            compare_all(&bad, good);
            compare_all(&bad, &bad);
            true
        }
        Err(_) => false,
    });
    outcome.unwrap_or_else(|_| panic!("panicked: {}", what()))
}

/// The flags and the versions of what is required.
#[test]
fn requirements_changed() {
    let bytes = rich(of::<u32>());
    let good = Descriptor::decode(&bytes).unwrap();
    let required: Vec<_> =
        good.requires().map(|(entry, what)| (entry.id, what.versions, what.is_optional)).collect();
    assert_eq!(required, [("codec_api::Codec", "0.1", false), ("base::Clock", ">=1.2, <2", true)]);
    assert_eq!(good.provides().map(|entry| entry.id).collect::<Vec<_>>(), ["codec_api::Codec"]);
    let interfaces = u32::from_le_bytes(bytes[88 + 8 * 3..][..4].try_into().unwrap()) as usize;
    for flags in [16, 17, 32, u32::MAX] {
        let mut bytes = bytes.clone();
        bytes[interfaces + 32..][..4].copy_from_slice(&flags.to_le_bytes());
        seal(&mut bytes);
        let error = Descriptor::decode(&bytes).unwrap_err();
        let expected = DecodeError::Value { what: "flags of an interface", found: flags.into() };
        assert_eq!(error, expected);
    }
    // A text that is no requirement is met by nothing.
    let mut bytes = bytes.clone();
    bytes[interfaces + 64..][..4].copy_from_slice(&2_u32.to_le_bytes());
    seal(&mut bytes);
    let bad = Descriptor::decode(&bytes).unwrap();
    let (entry, requirement) = bad.requires().next().unwrap();
    assert_eq!(requirement.versions, "0.");
    assert_eq!(compat::offer((&bad, entry), (&good, good.provides().next().unwrap())), Offer::OtherVersion);
    assert_eq!(compat::offer((&good, entry), (&good, good.provides().next().unwrap())), Offer::OtherVersion);
}

#[test]
fn every_byte_changed() {
    let bytes = rich(of::<u32>());
    let other = rich(of::<u64>());
    let good = Descriptor::decode(&other).unwrap();
    let mut decoded = 0;
    for at in 16..bytes.len() {
        for flip in [0x01, 0x02, 0x07, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= flip;
            seal(&mut bytes);
            decoded += usize::from(try_out(&good, &bytes, || format!("byte {at} flipped by {flip:#x}")));
        }
    }
    assert!(decoded > bytes.len(), "only {decoded} of the changed descriptors decode");
}

/// References of every kind redirected at random, and fingerprints scrambled so that nothing is equal at once.
#[test]
fn references_redirected() {
    let bytes = rich(of::<u32>());
    let good = Descriptor::decode(&bytes).unwrap();
    let table = |index: usize| {
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        (word(88 + 8 * index), word(92 + 8 * index))
    };
    let ((types, type_count), (members, member_count), (arguments, argument_count)) =
        (table(0), table(1), table(2));
    let (supers, super_count) = table(4);
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let mut decoded = 0;
    for round in 0..3000 {
        let mut bytes = bytes.clone();
        for index in 0..type_count {
            let at = types + 88 * index;
            let mut put =
                |at: usize, value: usize| bytes[at..at + 4].copy_from_slice(&(value as u32).to_le_bytes());
            if random(2) == 0 {
                put(at, random(1 << 31));
            }
            if random(4) == 0 {
                put(at + 40, random(type_count));
            }
            if random(4) == 0 {
                // Two types change their arguments: no record may be in two ranges.
                let other = types + 88 * random(type_count);
                for byte in 44..52 {
                    bytes.swap(at + byte, other + byte);
                }
            }
            let mut put =
                |at: usize, value: usize| bytes[at..at + 4].copy_from_slice(&(value as u32).to_le_bytes());
            if random(8) == 0 {
                put(at + 36, random(7));
            }
        }
        let mut put =
            |at: usize, value: usize| bytes[at..at + 4].copy_from_slice(&(value as u32).to_le_bytes());
        for index in 0..member_count {
            if random(3) == 0 {
                put(members + 32 * index + 16, random(type_count));
            }
        }
        for index in 0..argument_count {
            if random(3) == 0 {
                put(arguments + 24 * index + 4, random(type_count));
            }
        }
        for index in 0..super_count {
            put(supers + 4 * index, random(2));
        }
        seal(&mut bytes);
        decoded += usize::from(try_out(&good, &bytes, || format!("round {round}")));
    }
    assert!(decoded > 300, "only {decoded} of the changed descriptors decode");
}

/// Everything refers to one type, which so contains itself, twice and more.
#[test]
fn every_type_is_one_type() {
    let bytes = rich(of::<u32>());
    let good = Descriptor::decode(&bytes).unwrap();
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    for target in 0..word(92) {
        let mut bytes = bytes.clone();
        for (table, width, at) in [(0, 88, 40), (2, 24, 4)] {
            for index in 0..word(92 + 8 * table) {
                let at = word(88 + 8 * table) + width * index + at;
                bytes[at..at + 4].copy_from_slice(&(target as u32).to_le_bytes());
                let fingerprint = at - 40;
                if table == 0 {
                    bytes[fingerprint] ^= 1;
                }
            }
        }
        seal(&mut bytes);
        assert!(try_out(&good, &bytes, || format!("target {target}")));
    }
}

/// Every type has the arguments of all, and no two are equal: each path through them is a new one.
#[test]
fn all_arguments_shared_by_all() {
    let many: Vec<_> =
        (1..300).map(|size| layout("tuple", &[of::<u8>(), of::<u8>()], size, 1, Shape::Opaque)).collect();
    let fields: Vec<_> = many.iter().map(|layout| ("", *layout)).collect();
    let side = |scramble: u8| {
        let mut bytes = encode_expected(
            &[],
            Box::leak(Box::new([SymbolLayout {
                name: "V",
                kind: SymbolKind::Static,
                lifetimes: "",
                layout: c("S", &fields),
            }])),
        );
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let (types, type_count, arguments, argument_count) = (word(88), word(92), word(104), word(108));
        for index in 0..type_count {
            let at = (types + 88 * index) as usize;
            bytes[at] ^= scramble;
            bytes[at + 44..at + 48].copy_from_slice(&0_u32.to_le_bytes());
            bytes[at + 48..at + 52].copy_from_slice(&argument_count.to_le_bytes());
        }
        for index in 0..argument_count {
            let at = (arguments + 24 * index) as usize + 4;
            bytes[at..at + 4].copy_from_slice(&(index % type_count).to_le_bytes());
        }
        seal(&mut bytes);
        bytes
    };
    let (one, other) = (side(1), side(2));
    // A decoder may well refuse such sharing.
    if let (Ok(one), Ok(other)) = (Descriptor::decode(&one), Descriptor::decode(&other)) {
        let started = Instant::now();
        assert!(!compat::types((&one, 0), (&other, 0), "type").is_empty());
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }
}

#[test]
fn a_forged_cycle_is_shown_cut_off() {
    let node = |leaf| c("Node", &[("next", pointer(PointerKind::Shared, leaf))]);
    let pair = node(layout("tuple", &[of::<u8>(), of::<u8>()], 2, 1, Shape::Opaque));
    let mut bytes = encode_expected(
        &[],
        Box::leak(Box::new([SymbolLayout {
            name: "V",
            kind: SymbolKind::Static,
            lifetimes: "",
            layout: pair,
        }])),
    );
    let arguments = u32::from_le_bytes(bytes[104..108].try_into().unwrap()) as usize;
    // Both arguments of the tuple are the tuple: type 2, after the struct and the pointer.
    for argument in 0..2 {
        bytes[arguments + 24 * argument + 4] = 2;
    }
    seal(&mut bytes);
    let descriptor = Descriptor::decode(&bytes).unwrap();
    let shown = compat::display_type(&descriptor, 2).to_string();
    assert!(shown.starts_with("((((") && shown.ends_with('…'), "{shown}");
    assert_eq!(shown.chars().count(), 241);
}

/// Types of which each has the last one twice: 2^90 paths lead to the one difference.
#[test]
fn shared_children_are_compared_once() {
    let deep =
        |leaf: Layout| (0..90).fold(leaf, |inner, _| layout("tuple", &[inner, inner], 2, 1, Shape::Opaque));
    let started = Instant::now();
    crate::check(
        crate::build::taking(c("S", &[("a", deep(c("Leaf", &[("x", of::<u8>())])))])),
        crate::build::taking(c("S", &[("a", deep(c("Leaf", &[("x", of::<i8>())])))])),
        &[&format!(
            "Codec::compress → argument input → S.a{} → Leaf.x: expected u8 at offset 0, found i8 at offset 0",
            (0..90).map(|level| format!(" → {}", tuple_text(90 - level))).collect::<String>()
        )],
    );
    assert!(started.elapsed().as_secs() < 20);
}

/// What is shown of tuples nested so deep.
fn tuple_text(levels: usize) -> String {
    fn write(out: &mut String, levels: usize, depth: usize) {
        match (levels, depth) {
            (_, 13..) => out.push('…'),
            (0, _) => out.push_str("Leaf"),
            _ => {
                out.push('(');
                write(out, levels - 1, depth + 1);
                out.push_str(", ");
                write(out, levels - 1, depth + 1);
                out.push(')');
            }
        }
    }
    let mut text = String::new();
    write(&mut text, levels, 0);
    match text.char_indices().nth(240) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Nested deeper than any stack: said by fingerprint.
#[test]
fn deep_types_are_not_followed_to_the_end() {
    let deep = |leaf| (0..3000).fold(leaf, |inner, _| pointer(PointerKind::Shared, inner));
    let found =
        crate::compare(crate::build::taking(deep(of::<u8>())), crate::build::taking(deep(of::<i8>())));
    let [mismatch] = &found[..] else { panic!("{found:#?}") };
    assert_eq!(mismatch.path, "Codec::compress → argument input");
    assert!(mismatch.expected.starts_with("fingerprint "), "{mismatch}");
}

/// The head says nothing of the types: what is wrong with them shows where they are read.
#[test]
fn types_are_checked_where_they_are_read() {
    let mut bytes = rich(of::<u32>());
    let types = u32::from_le_bytes(bytes[88..92].try_into().unwrap()) as usize;
    assert!(Head::decode(&bytes).unwrap().at(&bytes[..bytes.len() - 1]).is_none());
    bytes[types + 36] = 99;
    assert!(matches!(Head::decode(&bytes), Err(DecodeError::Checksum { .. })));
    seal(&mut bytes);
    let head = Head::decode(&bytes).unwrap();
    assert_eq!((head.name, head.provides().len(), head.symbols().len()), ("rich", 1, 2));
    let expected = DecodeError::Value { what: "shape of a type", found: 99 };
    assert_eq!(Descriptor::of(head).unwrap_err(), expected);
    assert_eq!(Descriptor::decode(&bytes).unwrap_err(), expected);
}

/// Records that several ranges claim would make reading a descriptor take the product of their numbers.
#[test]
fn records_are_not_shared() {
    let bytes = rich(of::<u32>());
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let (types, type_count, member_count) = (word(88), word(92), word(100));
    let mut forged = bytes.clone();
    for index in 0..type_count {
        let range = types + 88 * index + 52;
        forged[range..range + 4].copy_from_slice(&0_u32.to_le_bytes());
        forged[range + 4..range + 8].copy_from_slice(&(member_count as u32).to_le_bytes());
    }
    seal(&mut forged);
    assert!(matches!(Descriptor::decode(&forged), Err(DecodeError::Shared { what: "members", .. })));
}
