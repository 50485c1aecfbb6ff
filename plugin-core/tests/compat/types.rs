use plugin_core::{
    Argument, PointerKind, Shape,
    abi::{ROption, RResult, RSlice, RSliceMut, RStr, RString, Tuple1, Tuple2},
};

use crate::{
    build::{Layout, array, c, generic, layout, method, of, pointer, raw, signature, vec},
    check_types,
};

const IN: &str = "Codec::compress → argument input";

/// The frame of the examples: a header within a frame.
fn frame(header: Layout) -> Layout {
    c("Frame", &[("id", of::<u8>()), ("header", header)])
}

fn header(size: Layout) -> Layout {
    c("Header", &[("magic", of::<u64>()), ("size", size), ("flags", of::<u8>())])
}

#[track_caller]
fn check_in(host: Layout, plugin: Layout, expected: &[&str], reverse: &[&str]) {
    let lines = |tails: &[&str]| tails.iter().map(|tail| format!("{IN}{tail}")).collect::<Vec<_>>();
    let (expected, reverse) = (lines(expected), lines(reverse));
    let texts = |lines: &'static [String]| lines.iter().map(String::as_str).collect::<Vec<_>>();
    check_types(host, plugin, &texts(expected.leak()), &texts(reverse.leak()));
}

/// Two types that differ as wholes: the host's and the plugin's text, and the other way round.
#[track_caller]
fn check_pair(host: Layout, plugin: Layout, one: &str, other: &str) {
    check_in(
        host,
        plugin,
        &[&format!(": expected {one}, found {other}")],
        &[&format!(": expected {other}, found {one}")],
    );
}

#[test]
fn equal_types_fit() {
    check_in(frame(header(of::<u32>())), frame(header(of::<u32>())), &[], &[]);
}

#[test]
fn other_types() {
    check_pair(of::<u32>(), of::<u64>(), "u32", "u64");
    check_pair(of::<RSlice<'_, u8>>(), of::<RSlice<'_, u16>>(), "&[u8]", "&[u16]");
    check_pair(of::<RSlice<'_, u8>>(), of::<RSliceMut<'_, u8>>(), "&[u8]", "&mut [u8]");
    check_pair(of::<RStr<'_>>(), of::<RString>(), "&str", "String");
    check_pair(of::<&u8>(), of::<&mut u8>(), "&u8", "&mut u8");
    check_pair(of::<*const u8>(), of::<*mut u8>(), "*const u8", "*mut u8");
    check_pair(of::<&u8>(), of::<core::ptr::NonNull<u8>>(), "&u8", "NonNull<u8>");
    check_pair(of::<&u8>(), of::<&u16>(), "&u8", "&u16");
    check_pair(of::<[u8; 4]>(), of::<[u8; 8]>(), "[u8; 4]", "[u8; 8]");
    check_pair(of::<[u8; 4]>(), of::<[i8; 4]>(), "[u8; 4]", "[i8; 4]");
    check_pair(of::<Tuple2<u8, RString>>(), of::<Tuple1<u8>>(), "(u8, String)", "(u8,)");
    check_pair(of::<Option<&u8>>(), of::<ROption<&u8>>(), "core::Option<&u8>", "Option<&u8>");
    check_pair(of::<RResult<(), u8>>(), of::<RResult<u8, ()>>(), "Result<(), u8>", "Result<u8, ()>");
    check_pair(
        of::<extern "C" fn(u8) -> RResult<(), u8>>(),
        of::<unsafe extern "C" fn(u8)>(),
        "fn(u8) -> Result<(), u8>",
        "unsafe fn(u8)",
    );
}

#[test]
fn generic_arguments() {
    let of_types = |argument| generic("Frame", vec![Argument::Type(argument), Argument::Const(4)]);
    check_pair(of_types(of::<u8>()), of_types(of::<u16>()), "Frame<u8, 4>", "Frame<u16, 4>");
    let of_const = |value| generic("Frame", vec![Argument::Type(of::<u8>()), Argument::Const(value)]);
    check_pair(of_const(4), of_const(-5), "Frame<u8, 4>", "Frame<u8, -5>");
    let phantom = |field| generic("Frame", vec![Argument::Type(c("Unit", &[("of", field)]))]);
    check_in(
        phantom(of::<u8>()),
        phantom(of::<i8>()),
        &[" → Frame<Unit> → Unit.of: expected u8 at offset 0, found i8 at offset 0"],
        &[" → Frame<Unit> → Unit.of: expected i8 at offset 0, found u8 at offset 0"],
    );
}

#[test]
fn kinds_and_names() {
    check_pair(c("Frame", &[("id", of::<u8>())]), c("Packet", &[("id", of::<u8>())]), "Frame", "Packet");
    let as_enum = layout("Frame", &[], 1, 1, Shape::Enum { repr: of::<u8>(), variants: &[] });
    check_pair(c("Frame", &[("id", of::<u8>())]), as_enum, "struct Frame", "enum Frame");
    let leaf = |name| layout(name, &[], 8, 8, Shape::Recursive(&[]));
    check_pair(leaf("Node"), leaf("Tree"), "Node", "Tree");
}

#[test]
fn a_field_deep_inside() {
    let (narrow, wide) = (header(of::<u32>()), header(of::<u64>()));
    let tails = [
        ".size: expected u32 at offset 8, found u64 at offset 8",
        ".size: expected u64 at offset 8, found u32 at offset 8",
    ];
    // Offsets and sizes that follow are not mentioned.
    for (wrap, path) in [
        ((&frame) as &dyn Fn(Layout) -> Layout, " → Frame.header"),
        (&|header| pointer(PointerKind::Shared, frame(header)), " → Frame.header"),
        (&vec, " → Vec<Header> → Header"),
        (&|header| vec(frame(header)), " → Vec<Frame> → Frame.header"),
        (&|header| array(header, 2), " → [Header; 2] → Header"),
        (&|header| c("Frame", &[("all", vec(header))]), " → Frame.all → Vec<Header> → Header"),
        (&|header| c("Frame", &[("next", pointer(PointerKind::NonNull, header))]), " → Frame.next"),
        (&|header| signature(false, &[("", header)], of::<()>()), " → argument 1 → Header"),
        (&|header| signature(true, &[], header), " → result → Header"),
    ] {
        let [expected, reverse] = tails.map(|tail| format!("{path}{tail}"));
        check_in(wrap(narrow), wrap(wide), &[&expected], &[&reverse]);
    }
}

#[test]
fn fields_that_come_and_go() {
    let two = c("Frame", &[("id", of::<u8>()), ("size", of::<u32>())]);
    let three = c("Frame", &[("id", of::<u8>()), ("flags", of::<u16>()), ("size", of::<u32>())]);
    check_in(
        two,
        three,
        &[" → Frame.flags: expected none, found u16 at offset 2"],
        &[" → Frame.flags: expected u16 at offset 2, found none"],
    );
    let longer = c("Frame", &[("id", of::<u8>()), ("size", of::<u32>()), ("time", of::<u64>())]);
    check_in(
        two,
        longer,
        &[" → Frame.time: expected none, found u64 at offset 8"],
        &[" → Frame.time: expected u64 at offset 8, found none"],
    );
    let other = c("Frame", &[("id", of::<u8>()), ("length", of::<u32>())]);
    check_in(
        two,
        other,
        &[" → Frame.size: expected field `size: u32`, found field `length: u32`"],
        &[" → Frame.length: expected field `length: u32`, found field `size: u32`"],
    );
    let unlike = c("Frame", &[("id", of::<u8>()), ("length", of::<u64>())]);
    check_in(
        two,
        unlike,
        &[
            " → Frame.size: expected u32 at offset 4, found none",
            " → Frame.length: expected none, found u64 at offset 8",
        ],
        &[
            " → Frame.length: expected u64 at offset 8, found none",
            " → Frame.size: expected none, found u32 at offset 4",
        ],
    );
}

#[test]
fn fields_that_move() {
    let here = c("Frame", &[("id", of::<u8>()), ("size", of::<u32>())]);
    check_in(
        here,
        c("Frame", &[("size", of::<u32>()), ("id", of::<u8>())]),
        &[" → Frame: expected fields in the order `id, size`, found fields in the order `size, id`"],
        &[" → Frame: expected fields in the order `size, id`, found fields in the order `id, size`"],
    );
    // Packed: nothing but offsets (and then the size) differ.
    check_in(
        here,
        raw("Frame", &[("id", 0, of::<u8>()), ("size", 1, of::<u32>())], 5, 1),
        &[" → Frame.size: expected u32 at offset 4, found u32 at offset 1"],
        &[" → Frame.size: expected u32 at offset 1, found u32 at offset 4"],
    );
    // Another name in another place is another field.
    check_in(
        here,
        raw("Frame", &[("id", 0, of::<u8>()), ("length", 1, of::<u32>())], 5, 1),
        &[
            " → Frame.size: expected u32 at offset 4, found none",
            " → Frame.length: expected none, found u32 at offset 1",
        ],
        &[
            " → Frame.length: expected u32 at offset 1, found none",
            " → Frame.size: expected none, found u32 at offset 4",
        ],
    );
    // Packed and changed: the new type does not explain the offset.
    check_in(
        here,
        raw("Frame", &[("id", 0, of::<i8>()), ("size", 1, of::<u32>())], 5, 1),
        &[
            " → Frame.id: expected u8 at offset 0, found i8 at offset 0",
            " → Frame.size: expected u32 at offset 4, found u32 at offset 1",
        ],
        &[
            " → Frame.id: expected i8 at offset 0, found u8 at offset 0",
            " → Frame.size: expected u32 at offset 1, found u32 at offset 4",
        ],
    );
    let aligned = raw("Frame", &[("id", 0, of::<u8>()), ("size", 4, of::<u32>())], 16, 16);
    check_in(
        here,
        aligned,
        &[" → Frame: expected size 8, found size 16", " → Frame: expected alignment 4, found alignment 16"],
        &[" → Frame: expected size 16, found size 8", " → Frame: expected alignment 16, found alignment 4"],
    );
}

#[test]
fn every_difference_is_found() {
    let host =
        c("Frame", &[("id", of::<u8>()), ("size", of::<u32>()), ("time", of::<u64>()), ("old", of::<u8>())]);
    let plugin = c("Frame", &[("id", of::<i8>()), ("size", of::<u32>()), ("time", of::<f64>())]);
    check_in(
        host,
        plugin,
        &[
            " → Frame.old: expected u8 at offset 16, found none",
            " → Frame.id: expected u8 at offset 0, found i8 at offset 0",
            " → Frame.time: expected u64 at offset 8, found f64 at offset 8",
        ],
        &[
            " → Frame.old: expected none, found u8 at offset 16",
            " → Frame.id: expected i8 at offset 0, found u8 at offset 0",
            " → Frame.time: expected f64 at offset 8, found u64 at offset 8",
        ],
    );
}

#[test]
fn leaves_of_other_sizes() {
    let word = |size| layout("usize", &[], size, size, Shape::Opaque);
    check_in(
        word(8),
        word(4),
        &[
            ": expected usize of size 8, found usize of size 4",
            ": expected usize of alignment 8, found usize of alignment 4",
        ],
        &[
            ": expected usize of size 4, found usize of size 8",
            ": expected usize of alignment 4, found usize of alignment 8",
        ],
    );
    // The vocabulary may not have changed on one side only, either.
    let big = |size| layout("Vec", &[of::<u8>()], size, 8, Shape::Opaque);
    check_in(
        big(32),
        big(24),
        &[": expected Vec<u8> of size 32, found Vec<u8> of size 24"],
        &[": expected Vec<u8> of size 24, found Vec<u8> of size 32"],
    );
}

#[test]
fn a_type_used_twice_is_reported_once() {
    let methods = |size| {
        let frame = frame(header(size));
        crate::build::interface(
            "0.1.0",
            &[method("one", &[("a", frame), ("b", vec(frame))], of::<()>()), method("two", &[], frame)],
        )
    };
    crate::check(
        methods(of::<u32>()),
        methods(of::<i32>()),
        &["Codec::one → argument a → Frame.header.size: expected u32 at offset 8, found i32 at offset 8"],
    );
}

/// A form of the standard library's types, by the type in the signature.
fn form<T: plugin_core::Crossing>() -> Layout {
    of::<T::Abi>()
}

#[test]
fn types_of_the_standard_library_are_themselves() {
    use std::{
        borrow::Cow,
        collections::{BTreeMap, HashMap, HashSet, VecDeque},
        error::Error,
        ops::{Bound, Range},
        path::PathBuf,
        sync::Arc,
    };

    type Words<'a> = Box<dyn Iterator<Item = &'a str> + Send + 'a>;
    check_pair(
        form::<HashMap<u8, String>>(),
        form::<Vec<(u8, String)>>(),
        "HashMap<u8, String>",
        "Vec<(u8, String)>",
    );
    check_pair(form::<HashMap<u8, u8>>(), form::<BTreeMap<u8, u8>>(), "HashMap<u8, u8>", "BTreeMap<u8, u8>");
    check_pair(form::<HashSet<u8>>(), form::<VecDeque<u8>>(), "HashSet<u8>", "VecDeque<u8>");
    check_pair(form::<Box<[u8]>>(), form::<Arc<[u8]>>(), "Box<[u8]>", "Arc<[u8]>");
    check_pair(form::<Cow<'_, str>>(), form::<Cow<'_, [u8]>>(), "Cow<str>", "Cow<[u8]>");
    #[cfg(unix)]
    check_pair(form::<PathBuf>(), form::<String>(), "PathBuf", "String");
    check_pair(form::<Range<u8>>(), form::<Bound<u8>>(), "Range<u8>", "Bound<u8>");
    check_pair(form::<std::io::Error>(), form::<Box<dyn Error>>(), "io::Error", "Box<dyn Error>");
    check_pair(
        form::<Box<dyn Error + Send>>(),
        form::<Box<dyn Error + Send + Sync>>(),
        "Box<dyn Error + Send>",
        "Box<dyn Error + Send + Sync>",
    );
    check_pair(
        form::<Words<'_>>(),
        form::<Box<dyn Iterator<Item = u8>>>(),
        "Box<dyn Iterator<Item = &str> + Send>",
        "Box<dyn Iterator<Item = u8>>",
    );
    check_pair(
        of::<<&mut dyn Iterator<Item = u8> as plugin_core::crossing::Argument>::Abi>(),
        of::<plugin_core::abi::AnyValue>(),
        "&mut dyn Iterator<Item = u8>",
        "AnyValue",
    );
}
