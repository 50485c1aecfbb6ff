//! What `derive(StableLayout)` records, against the compiler's own answers and against memory.

#![allow(dead_code, reason = "many types are only described")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "derive/surroundings.rs"]
mod surroundings;

use std::{
    marker::PhantomData,
    mem::{align_of, offset_of, size_of},
    sync::atomic::AtomicU32,
};

use plugin_core::{
    Argument, Field, Fingerprint, PointerKind, Shape, StableLayout, TypeLayout, Variant,
    abi::{RArc, RBox, ROption, RSlice, RStr, RString, RVec},
    crossing::AsIs,
};

/// Name, offset and type of a field, as `check` expects it.
type Expected = (&'static str, usize, &'static str);

#[track_caller]
fn check_type<T: StableLayout + AsIs>(name: &str) -> &'static TypeLayout {
    let layout = T::TYPE_LAYOUT;
    assert_eq!(layout.name, name);
    let found = (layout.size, layout.align);
    assert_eq!(found, (size_of::<T>(), align_of::<T>()), "{name}");
    layout
}

#[track_caller]
fn check_fields(name: &str, fields: &[Field], expected: &[Expected]) {
    let found = fields.iter().map(|field| (field.name, field.offset, field.layout.name));
    assert_eq!(found.collect::<Vec<Expected>>(), expected, "{name}");
}

/// Checks a struct.
#[track_caller]
fn check<T: StableLayout + AsIs>(name: &str, expected: &[Expected]) -> &'static [Field] {
    let Shape::Struct(fields) = check_type::<T>(name).shape else {
        panic!("{name} is not described as a struct");
    };
    check_fields(name, fields, expected);
    fields
}

/// Checks names and discriminants of an enum.
#[track_caller]
fn check_enum<T: StableLayout + AsIs>(
    name: &str,
    repr: &str,
    expected: &[(&str, i128)],
) -> &'static [Variant] {
    let shape = check_type::<T>(name).shape;
    let Shape::Enum { repr: found_repr, variants } = shape else {
        panic!("{name} is not described as an enum");
    };
    assert_eq!(found_repr.name, repr, "{name}");
    let found = variants.iter().map(|variant| (variant.name, variant.discriminant));
    let expected = expected.iter().map(|&(name, bits)| (name, bits as u64));
    assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{name}");
    variants
}

/// A field of a value that is this variant, read from memory with nothing but the description.
#[track_caller]
fn payload<F, T: StableLayout>(value: &T, variant: &str, field: &str) -> F {
    let Shape::Enum { repr, variants } = T::TYPE_LAYOUT.shape else {
        panic!("not an enum");
    };
    let variant = variants.iter().find(|known| known.name == variant).unwrap();
    let start: *const u8 = (&raw const *value).cast();
    let mut tag = [0; 8];
    // SAFETY: an enum with a primitive representation begins with its tag, which is as long as that type.
    tag[..repr.size].copy_from_slice(unsafe { std::slice::from_raw_parts(start, repr.size) });
    let unused = 64 - 8 * repr.size as u32;
    assert_eq!(u64::from_le_bytes(tag), variant.discriminant << unused >> unused, "{}", variant.name);
    let field = variant.fields.iter().find(|known| known.name == field).unwrap();
    assert_eq!(field.layout.size, size_of::<F>());
    assert!(field.offset + size_of::<F>() <= size_of::<T>());
    // SAFETY: within the value, as has just been checked; each call asks for integers, floats or addresses, of which
    // any initialised bytes are valid, and a wrong offset that hits padding is what the test is to find.
    unsafe { start.add(field.offset).cast::<F>().read_unaligned() }
}

fn field(fields: &'static [Field], name: &str) -> &'static TypeLayout {
    fields.iter().find(|field| field.name == name).unwrap().layout
}

/// A type with its arguments or its target.
fn text(layout: &TypeLayout) -> String {
    let text = |argument: &Argument| match argument {
        Argument::Type(layout) => text(layout),
        Argument::Const(value) => value.to_string(),
    };
    let arguments = layout.arguments.iter().map(text).collect::<Vec<_>>().join(", ");
    let name = match layout.shape {
        Shape::Pointer(PointerKind::Shared, to) => format!("&{}", self::text(to)),
        Shape::Pointer(_, to) => format!("*{}", self::text(to)),
        Shape::Recursive(_) => format!("recursive {}", layout.name),
        _ => layout.name.to_string(),
    };
    if arguments.is_empty() { name } else { format!("{name}<{arguments}>") }
}

fn text_of<T: StableLayout>() -> String {
    text(T::TYPE_LAYOUT)
}

fn fingerprint<T: StableLayout>() -> Fingerprint {
    T::TYPE_LAYOUT.fingerprint
}

#[derive(StableLayout)]
#[repr(C)]
struct Header {
    size: u32,
    flags: u16,
    offset: u64,
    r#type: u8,
}

#[derive(StableLayout)]
#[repr(C)]
struct Pair(u8, u64, [u16; 3]);

#[derive(StableLayout)]
#[repr(C)]
struct Unit;

#[derive(StableLayout)]
#[repr(C)]
struct Braces {}

#[derive(StableLayout)]
#[repr(transparent)]
struct Meters(f64);

#[derive(StableLayout)]
#[repr(transparent)]
struct Tagged<T> {
    value: u32,
    tag: PhantomData<T>,
}

#[derive(StableLayout)]
#[repr(C, align(32))]
struct Aligned {
    byte: u8,
    word: u64,
}

#[derive(StableLayout)]
#[repr(C)]
#[repr(align(2))]
struct AlignedApart(u8);

#[derive(StableLayout)]
#[repr(C)]
struct Nested {
    first: u8,
    aligned: Aligned,
    pair: Pair,
    text: RString,
    counter: AtomicU32,
    call: Option<unsafe extern "C" fn(u8, *const u16) -> i32>,
}

#[test]
fn structs() {
    check::<Header>(
        "Header",
        &[
            ("size", offset_of!(Header, size), "u32"),
            ("flags", offset_of!(Header, flags), "u16"),
            ("offset", offset_of!(Header, offset), "u64"),
            ("type", offset_of!(Header, r#type), "u8"),
        ],
    );
    check::<Pair>(
        "Pair",
        &[
            ("0", offset_of!(Pair, 0), "u8"),
            ("1", offset_of!(Pair, 1), "u64"),
            ("2", offset_of!(Pair, 2), "array"),
        ],
    );
    check::<Unit>("Unit", &[]);
    check::<Braces>("Braces", &[]);
    check::<Meters>("Meters", &[("0", 0, "f64")]);
    check::<Aligned>("Aligned", &[("byte", 0, "u8"), ("word", 8, "u64")]);
    assert_eq!(Aligned::TYPE_LAYOUT.align, 32);
    check::<AlignedApart>("AlignedApart", &[("0", 0, "u8")]);
    check::<Nested>(
        "Nested",
        &[
            ("first", 0, "u8"),
            ("aligned", offset_of!(Nested, aligned), "Aligned"),
            ("pair", offset_of!(Nested, pair), "Pair"),
            ("text", offset_of!(Nested, text), "String"),
            ("counter", offset_of!(Nested, counter), "AtomicU32"),
            ("call", offset_of!(Nested, call), "core::Option"),
        ],
    );
}

trait Projection {
    type Of: StableLayout + Copy;
}

impl Projection for u8 {
    type Of = u16;
}

#[derive(StableLayout)]
#[repr(C)]
struct Wrapper<T> {
    flag: bool,
    value: T,
}

#[derive(StableLayout)]
#[repr(C)]
struct Buffer<const N: usize> {
    length: u16,
    bytes: [u8; N],
}

#[derive(StableLayout)]
#[repr(C)]
struct Constants<const YES: bool, const LETTER: char, const BELOW: i8>;

#[derive(StableLayout)]
#[repr(C)]
struct Borrowed<'a, 'b: 'a, T: 'b + Copy = u8, const N: usize = 2>
where
    T: Default,
{
    text: RStr<'a>,
    slice: RSlice<'b, T>,
    array: &'a [T; N],
}

#[derive(StableLayout)]
#[repr(C)]
struct Projected<T: Projection>
where
    <T as Projection>::Of: Default,
{
    one: <T as Projection>::Of,
    two: T::Of,
}

#[test]
fn generics() {
    check::<Wrapper<u64>>(
        "Wrapper",
        &[("flag", 0, "bool"), ("value", offset_of!(Wrapper<u64>, value), "u64")],
    );
    check::<Wrapper<Wrapper<u16>>>("Wrapper", &[("flag", 0, "bool"), ("value", 2, "Wrapper")]);
    check::<Tagged<RString>>("Tagged", &[("value", 0, "u32"), ("tag", 4, "PhantomData")]);
    check::<Buffer<7>>("Buffer", &[("length", 0, "u16"), ("bytes", 2, "array")]);
    check::<Constants<true, 'x', -3>>("Constants", &[]);
    check::<Projected<u8>>("Projected", &[("one", 0, "u16"), ("two", 2, "u16")]);
    check::<Borrowed>(
        "Borrowed",
        &[
            ("text", 0, "&str"),
            ("slice", offset_of!(Borrowed, slice), "&[]"),
            ("array", offset_of!(Borrowed, array), "pointer"),
        ],
    );
    assert_eq!(text_of::<Wrapper<Wrapper<u16>>>(), "Wrapper<Wrapper<u16>>");
    assert_eq!(text_of::<Buffer<7>>(), "Buffer<7>");
    assert_eq!(text_of::<Constants<true, 'x', -3>>(), "Constants<1, 120, -3>");
    assert_eq!(text_of::<Borrowed>(), "Borrowed<u8, 2>");
    assert_ne!(fingerprint::<Tagged<u8>>(), fingerprint::<Tagged<i8>>());
    assert_ne!(fingerprint::<Constants<true, 'x', -3>>(), fingerprint::<Constants<true, 'x', 3>>());
}

const BASE: i8 = -100;

#[derive(StableLayout)]
#[repr(u8)]
enum Level {
    Low,
    Middle = 7,
    High,
}

#[derive(StableLayout)]
#[repr(i8)]
enum Signed {
    First = BASE,
    Second,
    Negative = -1,
    Zero,
    Shifted = 1 << 4,
    Own = Self::TOP - 1,
    Top,
}

impl Signed {
    const TOP: i8 = i8::MAX;
}

#[test]
fn plain_enums() {
    check_enum::<Level>("Level", "u8", &[("Low", 0), ("Middle", 7), ("High", 8)]);
    let casts = [
        ("First", Signed::First as i128),
        ("Second", Signed::Second as i128),
        ("Negative", Signed::Negative as i128),
        ("Zero", Signed::Zero as i128),
        ("Shifted", Signed::Shifted as i128),
        ("Own", Signed::Own as i128),
        ("Top", Signed::Top as i128),
    ];
    let variants = check_enum::<Signed>("Signed", "i8", &casts);
    assert_eq!(variants[2].discriminant, u64::MAX);
    let _ = (Level::Low, Level::Middle, Level::High);
}

#[derive(StableLayout)]
#[repr(u8, align(8))]
enum Figure {
    Nothing = 200,
    Circle { radius: f64, r#type: u8 } = 3,
    Square(u8, u32),
    Text(RString),
}

#[derive(StableLayout)]
#[repr(i16)]
enum Either<L: Copy, R = u8, const N: usize = 3>
where
    R: Copy,
    Self: Sized,
{
    Left(L) = -2,
    Right { pad: u8, right: R },
    Both(R, L, [R; N]),
    Neither,
}

#[derive(StableLayout)]
#[repr(u32)]
enum Lent<'a, 'b, T> {
    Text(RStr<'a>),
    Value(&'b T),
    Number(u8, u64),
}

#[derive(StableLayout)]
#[repr(u8)]
enum Lengths {
    Constant([u8; Self::LENGTH]),
    Projected(u8, <u8 as Projection>::Of),
}

impl Lengths {
    const LENGTH: usize = 5;
}

#[test]
fn enums_with_payloads() {
    let expected = [("Nothing", 200), ("Circle", 3), ("Square", 4), ("Text", 5)];
    let variants = check_enum::<Figure>("Figure", "u8", &expected);
    check_fields("Nothing", variants[0].fields, &[]);
    check_fields("Circle", variants[1].fields, &[("radius", 8, "f64"), ("type", 16, "u8")]);
    check_fields("Square", variants[2].fields, &[("0", 1, "u8"), ("1", 4, "u32")]);
    check_fields("Text", variants[3].fields, &[("0", 8, "String")]);
    let circle = Figure::Circle { radius: 2.5, r#type: 9 };
    assert_eq!(payload::<f64, _>(&circle, "Circle", "radius"), 2.5);
    assert_eq!(payload::<u8, _>(&circle, "Circle", "type"), 9);
    let square = Figure::Square(5, 0xdead_beef);
    assert_eq!(payload::<u8, _>(&square, "Square", "0"), 5);
    assert_eq!(payload::<u32, _>(&square, "Square", "1"), 0xdead_beef);
    let written = Figure::Text(RString::from("written"));
    let Figure::Text(inner) = &written else { unreachable!() };
    let [start, length, ..] = payload::<[usize; 4], _>(&written, "Text", "0");
    assert_eq!((start, length), (inner.as_ptr() as usize, 7));
    let _ = Figure::Nothing;

    type Wide = Either<u64, u32, 2>;
    let expected = [("Left", -2), ("Right", -1), ("Both", 0), ("Neither", 1)];
    let variants = check_enum::<Wide>("Either", "i16", &expected);
    check_fields("Left", variants[0].fields, &[("0", 8, "u64")]);
    check_fields("Right", variants[1].fields, &[("pad", 2, "u8"), ("right", 4, "u32")]);
    check_fields("Both", variants[2].fields, &[("0", 4, "u32"), ("1", 8, "u64"), ("2", 16, "array")]);
    assert_eq!(text_of::<Wide>(), "Either<u64, u32, 2>");
    assert_eq!(text_of::<Either<u16>>(), "Either<u16, u8, 3>");
    assert_eq!(payload::<u64, _>(&Wide::Left(11), "Left", "0"), 11);
    let right = Wide::Right { pad: 12, right: 13 };
    assert_eq!(payload::<u8, _>(&right, "Right", "pad"), 12);
    assert_eq!(payload::<u32, _>(&right, "Right", "right"), 13);
    let both = Wide::Both(14, 15, [16, 17]);
    assert_eq!(payload::<u32, _>(&both, "Both", "0"), 14);
    assert_eq!(payload::<u64, _>(&both, "Both", "1"), 15);
    assert_eq!(payload::<[u32; 2], _>(&both, "Both", "2"), [16, 17]);
    let _ = Wide::Neither;

    let local = 18_u8;
    let variants = check_enum::<Lent<u8>>("Lent", "u32", &[("Text", 0), ("Value", 1), ("Number", 2)]);
    assert_eq!(text(variants[1].fields[0].layout), "&u8");
    let [start, length] = payload::<[usize; 2], _>(&Lent::<u8>::Text(RStr::from_str("abc")), "Text", "0");
    assert!(start != 0 && length == 3);
    assert_eq!(payload::<&u8, _>(&Lent::Value(&local), "Value", "0"), &18);
    let number = Lent::<u8>::Number(19, 20);
    assert_eq!(payload::<u8, _>(&number, "Number", "0"), 19);
    assert_eq!(payload::<u64, _>(&number, "Number", "1"), 20);

    check_enum::<Lengths>("Lengths", "u8", &[("Constant", 0), ("Projected", 1)]);
    let constant = Lengths::Constant([1, 2, 3, 4, 5]);
    assert_eq!(payload::<[u8; 5], _>(&constant, "Constant", "0"), [1, 2, 3, 4, 5]);
    let projected = Lengths::Projected(21, 22);
    assert_eq!(payload::<u8, _>(&projected, "Projected", "0"), 21);
    assert_eq!(payload::<u16, _>(&projected, "Projected", "1"), 22);
}

/// One enum for each representation, with the extreme discriminants and payloads of growing alignment.
macro_rules! every_representation {
    ($($repr:ident)+) => {$({
        #[allow(clippy::enum_clike_unportable_variant, reason = "as wide as its representation")]
        #[derive(StableLayout)]
        #[repr($repr)]
        enum Sample {
            Least(u8, u64) = $repr::MIN,
            Next { a: u16, b: u8, c: u32 },
            Greatest(u8) = $repr::MAX,
        }
        let name = stringify!($repr);
        let expected = [
            ("Least", $repr::MIN as i128),
            ("Next", $repr::MIN as i128 + 1),
            ("Greatest", $repr::MAX as i128),
        ];
        check_enum::<Sample>("Sample", name, &expected);
        let least = Sample::Least(31, 32);
        assert_eq!(payload::<u8, _>(&least, "Least", "0"), 31, "{name}");
        assert_eq!(payload::<u64, _>(&least, "Least", "1"), 32, "{name}");
        let next = Sample::Next { a: 33, b: 34, c: 35 };
        assert_eq!(payload::<u16, _>(&next, "Next", "a"), 33, "{name}");
        assert_eq!(payload::<u8, _>(&next, "Next", "b"), 34, "{name}");
        assert_eq!(payload::<u32, _>(&next, "Next", "c"), 35, "{name}");
        assert_eq!(payload::<u8, _>(&Sample::Greatest(36), "Greatest", "0"), 36, "{name}");
    })+};
}

#[test]
fn representations() {
    every_representation! { u8 u16 u32 u64 usize i8 i16 i32 i64 isize }
}

#[derive(StableLayout)]
#[repr(C)]
struct Node {
    value: u64,
    #[layout(recursive)]
    next: ROption<RBox<Node>>,
}

#[derive(StableLayout)]
#[repr(C)]
struct Tree<T> {
    value: T,
    #[layout(recursive)]
    children: RVec<Tree<T>>,
    #[layout(recursive)]
    shared: RArc<Self>,
    #[layout(recursive)]
    visit: Option<extern "C" fn(*const Self, u8) -> bool>,
}

#[derive(StableLayout)]
#[repr(C)]
struct Child<'a> {
    #[layout(recursive)]
    parent: Option<&'a Child<'a>>,
    #[layout(recursive)]
    root: &'static Child<'static>,
}

#[derive(StableLayout)]
#[repr(C)]
struct Links<'a, T: Copy + 'a, const N: usize>
where
    Self: Sized,
{
    #[layout(recursive)]
    previous: *const Links<'a, T, N>,
    #[layout(recursive)]
    next: [*mut Self; N],
    values: &'a [T; N],
}

#[derive(StableLayout)]
#[repr(u8)]
enum Json {
    Null,
    Number(f64),
    List(#[layout(recursive)] RVec<Json>),
    Object {
        key: RString,
        #[layout(recursive)]
        value: RBox<Self>,
    },
}

/// Types that mention each other: one is generic over the other.
#[derive(StableLayout)]
#[repr(C)]
struct Folder {
    owner: u32,
    #[layout(recursive)]
    files: RVec<File<Folder>>,
}

#[derive(StableLayout)]
#[repr(C)]
struct File<F> {
    length: u64,
    folder: *const F,
}

#[derive(StableLayout)]
#[repr(C)]
struct Owner<'a, T, const N: usize> {
    value: &'a [T; N],
    #[layout(recursive)]
    parts: RVec<Part<'a, Self>>,
}

#[derive(StableLayout)]
#[repr(u8)]
enum Part<'a, O> {
    None,
    Owned { owner: &'a O, former: Option<&'a O> },
}

#[test]
fn recursion() {
    let fields = check::<Node>("Node", &[("value", 0, "u64"), ("next", offset_of!(Node, next), "Option")]);
    assert_eq!(text(field(fields, "next")), "Option<Box<recursive Node>>");
    assert_eq!(field(fields, "next").size, size_of::<ROption<RBox<Node>>>());

    let fields = check::<Tree<u8>>(
        "Tree",
        &[
            ("value", 0, "u8"),
            ("children", offset_of!(Tree<u8>, children), "Vec"),
            ("shared", offset_of!(Tree<u8>, shared), "Arc"),
            ("visit", offset_of!(Tree<u8>, visit), "core::Option"),
        ],
    );
    assert_eq!(text(field(fields, "children")), "Vec<recursive Tree>");
    assert_eq!(text(field(fields, "shared")), "Arc<recursive Tree>");
    let Argument::Type(visit) = field(fields, "visit").arguments[0] else {
        panic!("an option has an argument");
    };
    let Shape::Function(visit) = visit.shape else {
        panic!("a function is described as one");
    };
    assert_eq!(text(visit.parameters[0].layout), "*recursive Tree");
    assert_ne!(fingerprint::<Tree<u8>>(), fingerprint::<Tree<i8>>());

    let fields = check::<Child>("Child", &[("parent", 0, "core::Option"), ("root", 8, "pointer")]);
    assert_eq!(text(field(fields, "parent")), "core::Option<&recursive Child>");

    type Two<'a> = Links<'a, u8, 2>;
    let fields =
        check::<Two>("Links", &[("previous", 0, "pointer"), ("next", 8, "array"), ("values", 24, "pointer")]);
    assert_eq!(text(field(fields, "previous")), "*recursive Links");

    let expected = [("Null", 0), ("Number", 1), ("List", 2), ("Object", 3)];
    let variants = check_enum::<Json>("Json", "u8", &expected);
    assert_eq!(text(variants[2].fields[0].layout), "Vec<recursive Json>");
    assert_eq!(text(variants[3].fields[1].layout), "Box<recursive Json>");
    let object = Json::Object {
        key: RString::from("key"),
        value: RBox::new(Json::List(RVec::from(vec![Json::Null, Json::Number(1.0)]))),
    };
    let Json::Object { value, .. } = &object else { unreachable!() };
    let [address, _vtable] = payload::<[usize; 2], _>(&object, "Object", "value");
    assert_eq!(address, &raw const **value as usize);
}

#[test]
fn types_that_mention_each_other() {
    let fields = check::<Folder>("Folder", &[("owner", 0, "u32"), ("files", 8, "Vec")]);
    assert_eq!(text(field(fields, "files")), "Vec<File<recursive Folder>>");
    let Argument::Type(file) = field(fields, "files").arguments[0] else {
        panic!("a vector has an argument");
    };
    let Shape::Struct(inside) = file.shape else {
        panic!("the file is described as a struct");
    };
    check_fields("File in Folder", inside, &[("length", 0, "u64"), ("folder", 8, "pointer")]);
    assert_eq!(text(field(inside, "folder")), "*recursive Folder");

    let fields = check::<File<Folder>>("File", &[("length", 0, "u64"), ("folder", 8, "pointer")]);
    assert_eq!(text(field(fields, "folder")), "*Folder");

    let fields = check::<Owner<u16, 2>>("Owner", &[("value", 0, "pointer"), ("parts", 8, "Vec")]);
    assert_eq!(text(field(fields, "parts")), "Vec<Part<recursive Owner>>");
    let variants = check_enum::<Part<Owner<u16, 2>>>("Part", "u8", &[("None", 0), ("Owned", 1)]);
    assert_eq!(text(variants[1].fields[0].layout), "&Owner<u16, 2>");
}

/// Declares the same item in several modules, each with one difference, and says which are the same type.
macro_rules! fingerprints {
    ($($same:ident $name:ident: { $($item:tt)* })+) => {
        $(#[allow(dead_code, reason = "only described")]
        mod $name {
            use plugin_core::StableLayout;

            #[derive(StableLayout)]
            $($item)*
        })+

        #[test]
        fn fingerprints() {
            let all = [$((stringify!($same), stringify!($name), fingerprint::<$name::Sample>())),+];
            for (one, one_name, one_print) in all {
                for (other, other_name, other_print) in all {
                    assert_eq!(one == other, one_print == other_print, "{one_name} and {other_name}");
                }
            }
        }
    };
}

fingerprints! {
    pair pair: { #[repr(C)] pub(super) struct Sample { a: u32, b: u32 } }
    pair public: { #[repr(C)] pub(super) struct Sample { pub(super) a: u32, /** documented */ pub(crate) b: u32 } }
    pair aligned_as_before: { #[repr(C, align(4))] pub(super) struct Sample { a: u32, b: ::core::primitive::u32 } }
    renamed field_renamed: { #[repr(C)] pub(super) struct Sample { a: u32, c: u32 } }
    reordered fields_reordered: { #[repr(C)] pub(super) struct Sample { b: u32, a: u32 } }
    retyped field_retyped: { #[repr(C)] pub(super) struct Sample { a: u32, b: i32 } }
    longer field_added: { #[repr(C)] pub(super) struct Sample { a: u32, b: u32, c: () } }
    tuple tuple: { #[repr(C)] pub(super) struct Sample(u32, u32); }
    aligned aligned: { #[repr(C, align(8))] pub(super) struct Sample { a: u32, b: u32 } }
    choice choice: { #[repr(u8)] pub(super) enum Sample { A(u8), B { x: u8, y: u8 }, C } }
    choice explicit: { #[repr(u8)] pub(super) enum Sample { A(u8) = 0, B { x: u8, y: u8 } = 1, C = 2 } }
    variants variants_reordered: { #[repr(u8)] pub(super) enum Sample { B { x: u8, y: u8 } = 1, A(u8) = 0, C = 2 } }
    discriminant discriminant: { #[repr(u8)] pub(super) enum Sample { A(u8), B { x: u8, y: u8 }, C = 3 } }
    variant variant_renamed: { #[repr(u8)] pub(super) enum Sample { A(u8), B { x: u8, y: u8 }, D } }
    payload_renamed payload_renamed: { #[repr(u8)] pub(super) enum Sample { A(u8), B { x: u8, z: u8 }, C } }
    payload_reordered payload_reordered: { #[repr(u8)] pub(super) enum Sample { A(u8), B { y: u8, x: u8 }, C } }
    payload_retyped payload_retyped: { #[repr(u8)] pub(super) enum Sample { A(u8), B { x: u8, y: i8 }, C } }
    payload_added payload_added: { #[repr(u8)] pub(super) enum Sample { A(u8), B { x: u8, y: u8 }, C(()) } }
    signed signed: { #[repr(i8)] pub(super) enum Sample { A(u8), B { x: u8, y: u8 }, C } }
    link link: { #[repr(C)] pub(super) struct Sample { #[layout(recursive)] next: *const Sample } }
    link link_by_self: { #[repr(C)] pub(super) struct Sample { #[layout(recursive)] next: *const Self } }
    shared_link shared_link: { #[repr(C)] pub(super) struct Sample { #[layout(recursive)] next: Option<&'static Sample> } }
    other_link other_link: { #[repr(C)] pub(super) struct Sample { next: *const u8 } }
    cycle cycle: {
        #[repr(C)] pub(super) struct Sample { #[layout(recursive)] part: *const Part<Sample> }
        #[derive(StableLayout)] #[repr(C)] struct Part<S> { whole: *const S, size: u32 }
    }
    cycle cycle_by_self: {
        #[repr(C)] pub(super) struct Sample { #[layout(recursive)] part: *const Part<Self> }
        #[derive(StableLayout)] #[repr(C)] struct Part<S> { whole: *const S, size: u32 }
    }
    cycle_retyped cycle_retyped: {
        #[repr(C)] pub(super) struct Sample { #[layout(recursive)] part: *const Part<Sample> }
        #[derive(StableLayout)] #[repr(C)] struct Part<S> { whole: *const S, size: i32 }
    }
    cycle_repointed cycle_repointed: {
        #[repr(C)] pub(super) struct Sample { #[layout(recursive)] part: *const Part<Sample> }
        #[derive(StableLayout)] #[repr(C)] struct Part<S> { whole: *mut S, size: u32 }
    }
}
