use crate::{
    build::{Layout, Payload, c, of, plain, tagged},
    check_types,
};

#[track_caller]
fn check(host: Layout, plugin: Layout, expected: &[&str]) {
    check_both(host, plugin, expected, None);
}

#[track_caller]
fn check_both(host: Layout, plugin: Layout, expected: &[&str], reverse: Option<&[&str]>) {
    let line = |tail: &&str| &*format!("Codec::compress → argument input → Error{tail}").leak();
    let lines = |tails: &[&str]| tails.iter().map(line).collect::<Vec<_>>();
    let turned: Vec<_> = expected.iter().map(|tail| turn(tail)).collect();
    let turned: Vec<_> = turned.iter().map(String::as_str).collect();
    check_types(host, plugin, &lines(expected), &lines(reverse.unwrap_or(&turned)));
}

/// The same line with the sides exchanged.
fn turn(line: &str) -> String {
    let (path, rest) = line.split_once(": expected ").unwrap();
    let (expected, found) = rest.split_once(", found ").unwrap();
    format!("{path}: expected {found}, found {expected}")
}

fn corrupt(payload: Payload<'_>) -> Layout {
    tagged(of::<u8>(), &[("Corrupt", 0, payload), ("Full", 1, &[])], 16, 8)
}

#[test]
fn variants_that_come_and_go() {
    let two = plain(&["Corrupt", "Full"]);
    check(
        two,
        plain(&["Corrupt", "Full", "Busy"]),
        &["::Busy: expected none, found variant with discriminant 2"],
    );
    // The numbers of those behind it follow.
    check(
        two,
        plain(&["Corrupt", "Busy", "Full"]),
        &["::Busy: expected none, found variant with discriminant 1"],
    );
    check_both(
        two,
        plain(&["Corrupt", "Busy"]),
        &["::Full: expected variant `Full`, found variant `Busy`"],
        Some(&["::Busy: expected variant `Busy`, found variant `Full`"]),
    );
    check(
        two,
        plain(&["Full", "Corrupt"]),
        &[": expected variants in the order `Corrupt, Full`, found variants in the order `Full, Corrupt`"],
    );
}

#[test]
fn discriminants() {
    let numbered = |repr, one, other| tagged(repr, &[("Corrupt", one, &[]), ("Full", other, &[])], 1, 1);
    check(
        numbered(of::<u8>(), 0, 1),
        numbered(of::<u8>(), 0, 7),
        &["::Full: expected discriminant 1, found discriminant 7"],
    );
    check(
        numbered(of::<i8>(), 0, 1),
        numbered(of::<i8>(), u64::MAX, 1),
        &["::Corrupt: expected discriminant 0, found discriminant -1"],
    );
    // With numbers of its own, a variant that was added explains no other.
    check(
        numbered(of::<u8>(), 0, 1),
        tagged(of::<u8>(), &[("Corrupt", 3, &[]), ("Full", 1, &[]), ("Busy", 9, &[])], 1, 1),
        &[
            "::Busy: expected none, found variant with discriminant 9",
            "::Corrupt: expected discriminant 0, found discriminant 3",
        ],
    );
}

#[test]
fn representation() {
    let enums = |repr, size| {
        tagged(repr, &[("Corrupt", 0, &[("offset", 8, of::<u64>())]), ("Full", 1, &[])], size, 8)
    };
    check(enums(of::<u8>(), 16), enums(of::<u16>(), 16), &[": expected `#[repr(u8)]`, found `#[repr(u16)]`"]);
    check(enums(of::<u8>(), 16), enums(of::<u8>(), 24), &[": expected size 16, found size 24"]);
    // A wider tag moves what follows it.
    let payload = |repr, offset| tagged(repr, &[("Corrupt", 0, &[("at", offset, of::<u8>())])], 4, 2);
    check(
        payload(of::<u8>(), 1),
        payload(of::<u16>(), 2),
        &[": expected `#[repr(u8)]`, found `#[repr(u16)]`"],
    );
}

#[test]
fn payloads() {
    let offset = corrupt(&[("offset", 8, of::<u64>())]);
    check(
        offset,
        corrupt(&[("offset", 4, of::<u32>())]),
        &["::Corrupt.offset: expected u64 at offset 8, found u32 at offset 4"],
    );
    check(offset, corrupt(&[]), &["::Corrupt.offset: expected u64 at offset 8, found none"]);
    check_both(
        offset,
        corrupt(&[("at", 8, of::<u64>())]),
        &["::Corrupt.offset: expected field `offset: u64`, found field `at: u64`"],
        Some(&["::Corrupt.at: expected field `at: u64`, found field `offset: u64`"]),
    );
    check(
        corrupt(&[("a", 2, of::<u16>()), ("b", 8, of::<u64>())]),
        corrupt(&[("b", 8, of::<u64>()), ("a", 2, of::<u16>())]),
        &["::Corrupt: expected fields in the order `a, b`, found fields in the order `b, a`"],
    );
    let place = |field| corrupt(&[("place", 8, c("Place", &[("byte", field)]))]);
    check(
        place(of::<u64>()),
        place(of::<i64>()),
        &["::Corrupt.place.byte: expected u64 at offset 0, found i64 at offset 0"],
    );
}

#[test]
fn payloads_that_move() {
    // `repr(C, u8)` on one side.
    let at = |offset| corrupt(&[("offset", offset, of::<u32>())]);
    check(at(4), at(8), &["::Corrupt.offset: expected u32 at offset 4, found u32 at offset 8"]);
}
