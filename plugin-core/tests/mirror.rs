//! What `derive(Crossing)` makes of ordinary types: values that come back whole, and descriptions under their names.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "mirror/counted.rs"]
mod counted;
#[path = "mirror/growing.rs"]
mod growing;

use std::{
    collections::HashMap,
    fmt::Debug,
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    time::Duration,
};

use counted::{Counted, LIVE, PANICS};

use plugin_core::{
    Argument, Crossing, Shape, StableLayout, TypeLayout,
    abi::{RString, RVec},
};

#[derive(Debug, Clone, PartialEq, Default, Crossing)]
struct Request {
    name: String,
    tags: Vec<String>,
    retry: Option<Duration>,
    r#type: u8,
}

#[derive(Debug, Clone, PartialEq, Crossing)]
enum Event {
    Started,
    Progress { done: u64, total: u64 },
    Failed(String, Request),
}

#[derive(Debug, Clone, Copy, PartialEq, StableLayout)]
#[repr(C)]
struct Place {
    line: u32,
    column: u32,
}

#[derive(Debug, Clone, PartialEq, Crossing)]
struct Pair(String, Place);

#[derive(Debug, Clone, PartialEq, Crossing)]
struct Unit;

#[derive(Debug, Clone, PartialEq, Crossing)]
struct Generic<'a, T, const N: usize>
where
    T: Clone,
{
    text: &'a str,
    bytes: &'a [u8],
    values: [u8; N],
    all: Vec<Option<T>>,
    of: PhantomData<T>,
}

/// What the field needs of `T` is more than that it crosses.
#[derive(Debug, Clone, PartialEq, Crossing)]
struct Slice<'a, T> {
    values: &'a [T],
}

#[derive(Debug, Clone, PartialEq, Crossing)]
struct Tree {
    name: String,
    children: Vec<Self>,
    others: Vec<(u8, Tree)>,
}

#[derive(Debug, Clone, PartialEq, Crossing)]
struct List {
    path: PathBuf,
    next: Option<Box<List>>,
    named: HashMap<String, Self>,
}

#[derive(Debug, Clone, PartialEq, Crossing)]
enum Expression<'a, T> {
    Leaf(T, &'a str),
    Call { arguments: Vec<Expression<'a, T>> },
}

/// With numbers, attributes and names that generated code might trip over.
#[derive(Debug, Clone, PartialEq, Crossing)]
#[allow(non_camel_case_types)]
#[non_exhaustive]
#[repr(u16)]
enum Odd {
    #[deprecated]
    r#fn = 7,
    None {
        abi: u8,
        value_0: u8,
        #[cfg(any())]
        missing: std::rc::Rc<u8>,
        #[cfg(not(any()))]
        r#match: u8,
    } = 3,
    #[cfg(any())]
    Missing(std::rc::Rc<u8>),
    Some(),
}

/// Gives a value to the other side and takes it back.
#[track_caller]
fn check<T: Crossing + Clone + PartialEq + Debug>(value: T) {
    let there = value.clone().into_abi();
    // SAFETY: made by `into_abi` of this very type.
    assert_eq!(unsafe { T::from_abi(there) }, value);
    let many = vec![value.clone(), value.clone()];
    // SAFETY: as above.
    assert_eq!(unsafe { Vec::<T>::from_abi(many.clone().into_abi()) }, many);
    // What was sent and is not wanted is dropped as what it is.
    drop(many.into_abi());
}

fn request() -> Request {
    Request {
        name: "a".into(),
        tags: vec!["b".into(), String::new()],
        retry: Some(Duration::from_millis(5)),
        r#type: 4,
    }
}

#[test]
fn values_come_back() {
    check(Request::default());
    check(request());
    check(Event::Started);
    check(Event::Progress { done: 1, total: u64::MAX });
    check(Event::Failed("why".into(), request()));
    check(Pair("x".into(), Place { line: 1, column: 2 }));
    check(Unit);
    check(vec![Box::new(Place { line: 3, column: 4 })]);
    check((Box::new(request()), Box::new(Event::Started)));
    check(Generic {
        text: "text",
        bytes: b"bytes",
        values: [1, 2, 3],
        all: vec![None, Some(request())],
        of: PhantomData,
    });
    check(Slice { values: &[Place { line: 1, column: 2 }] });
    let leaf = |name: &str| Tree { name: name.into(), children: vec![], others: vec![] };
    check(Tree { name: "root".into(), children: vec![leaf("a"), leaf("b")], others: vec![(1, leaf("c"))] });
    let last = List { path: "a/b".into(), next: None, named: HashMap::new() };
    let named = HashMap::from([("x".to_owned(), last.clone()), ("y".to_owned(), last.clone())]);
    check(List { path: PathBuf::new(), next: Some(Box::new(last)), named });
    let leaf = Expression::Leaf("x".to_owned(), "y");
    check(Expression::Call { arguments: vec![leaf.clone(), Expression::Call { arguments: vec![leaf] }] });
    #[expect(deprecated)]
    check(Odd::r#fn);
    check(Odd::None { abi: 1, value_0: 2, r#match: 3 });
    check(Odd::Some());
}

fn layout<T: Crossing>() -> &'static TypeLayout {
    <T::Abi as StableLayout>::TYPE_LAYOUT
}

/// A description in the words of the declaration.
fn shown<T: Crossing>() -> String {
    let layout = layout::<T>();
    assert_eq!(layout.declaration.origin, env!("CARGO_CRATE_NAME"));
    assert_eq!((layout.size, layout.align), (size_of::<T::Abi>(), align_of::<T::Abi>()), "{}", layout.name);
    let fields = |fields: &[plugin_core::Field]| {
        let mut end = 0;
        let fields = fields.iter().map(|field| {
            assert!(field.offset >= end && field.offset + field.layout.size <= layout.size);
            assert_eq!(field.offset % field.layout.align, 0);
            end = field.offset + field.layout.size;
            format!("{}: {}", field.name, field.layout.name)
        });
        fields.collect::<Vec<_>>().join(", ")
    };
    let shape = match layout.shape {
        Shape::Struct(of) => format!("{{ {} }}", fields(of)),
        Shape::Enum { repr, variants } => {
            let variants = variants
                .iter()
                .map(|of| format!("{} = {} {{ {} }}", of.name, of.discriminant, fields(of.fields)));
            format!("{} [{}]", repr.name, variants.collect::<Vec<_>>().join(", "))
        }
        _ => panic!("{layout:?}"),
    };
    format!("{} {shape}", layout.name).replace("{  }", "{}")
}

#[test]
fn descriptions_have_the_names_of_the_declaration() {
    for (found, expected) in [
        (shown::<Request>(), "Request { name: String, tags: Vec, retry: Option, type: u8 }"),
        (
            shown::<Event>(),
            "Event u8 [Started = 0 {}, Progress = 1 { done: u64, total: u64 }, Failed = 2 { 0: String, 1: Request }]",
        ),
        (shown::<Pair>(), "Pair { 0: String, 1: Place }"),
        (shown::<Unit>(), "Unit {}"),
        (
            shown::<Generic<'_, Request, 3>>(),
            "Generic { text: &str, bytes: &[], values: array, all: Vec, of: PhantomData }",
        ),
        (shown::<Tree>(), "Tree { name: String, children: Vec, others: Vec }"),
        // By place: the declaration's own numbers are nobody else's business.
        (shown::<Odd>(), "Odd u8 [fn = 0 {}, None = 1 { abi: u8, value_0: u8, match: u8 }, Some = 2 {}]"),
    ] {
        assert_eq!(found, expected);
    }
    let generic = layout::<Generic<'_, Request, 3>>();
    assert!(matches!(generic.arguments, [Argument::Type(of), Argument::Const(3)] if of.name == "Request"));
    assert_eq!(generic.declaration.lifetimes, "<'0> '0; '0; ; ; ");
    let Shape::Struct(fields) = layout::<Tree>().shape else { panic!() };
    let [Argument::Type(inside)] = fields[1].layout.arguments else { panic!() };
    assert_eq!(inside.name, "Tree");
    assert!(matches!(inside.shape, Shape::Recursive(["name", "children", "others"])), "{inside:?}");
}

/// The same fields in the vocabulary of `abi` are the same type to another build.
#[test]
fn a_mirror_is_what_one_would_write_by_hand() {
    mod by_hand {
        use super::{RString, RVec, StableLayout};

        #[derive(StableLayout)]
        #[repr(C)]
        pub(super) struct Entry {
            name: RString,
            tags: RVec<RString>,
        }
    }
    #[derive(Crossing)]
    struct Entry {
        name: String,
        tags: Vec<String>,
    }
    let entry = Entry { name: String::new(), tags: vec![] };
    assert_eq!((entry.name.len(), entry.tags.len()), (0, 0));
    assert_eq!(layout::<Entry>().fingerprint, by_hand::Entry::TYPE_LAYOUT.fingerprint);
}

/// With more variants than a byte counts.
#[test]
fn the_tag_is_wide_enough() {
    macro_rules! wide {
        ($($name:ident)*) => {
            #[derive(Debug, Clone, PartialEq, Crossing)]
            enum Wide { $($name),* }
            const ALL: &[Wide] = &[$(Wide::$name),*];
        };
    }
    wide! {
        A00 A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A12 A13 A14 A15 A16 A17 A18 A19 A20 A21 A22 A23 A24 A25 A26 A27 A28
        A29 A30 A31 B00 B01 B02 B03 B04 B05 B06 B07 B08 B09 B10 B11 B12 B13 B14 B15 B16 B17 B18 B19 B20 B21 B22 B23 B24 B25
        B26 B27 B28 B29 B30 B31 C00 C01 C02 C03 C04 C05 C06 C07 C08 C09 C10 C11 C12 C13 C14 C15 C16 C17 C18 C19 C20 C21 C22
        C23 C24 C25 C26 C27 C28 C29 C30 C31 D00 D01 D02 D03 D04 D05 D06 D07 D08 D09 D10 D11 D12 D13 D14 D15 D16 D17 D18 D19
        D20 D21 D22 D23 D24 D25 D26 D27 D28 D29 D30 D31 E00 E01 E02 E03 E04 E05 E06 E07 E08 E09 E10 E11 E12 E13 E14 E15 E16
        E17 E18 E19 E20 E21 E22 E23 E24 E25 E26 E27 E28 E29 E30 E31 F00 F01 F02 F03 F04 F05 F06 F07 F08 F09 F10 F11 F12 F13
        F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24 F25 F26 F27 F28 F29 F30 F31 G00 G01 G02 G03 G04 G05 G06 G07 G08 G09 G10
        G11 G12 G13 G14 G15 G16 G17 G18 G19 G20 G21 G22 G23 G24 G25 G26 G27 G28 G29 G30 G31 H00 H01 H02 H03 H04 H05 H06 H07
        H08 H09 H10 H11 H12 H13 H14 H15 H16 H17 H18 H19 H20 H21 H22 H23 H24 H25 H26 H27 H28 H29 H30 H31 I00
    }
    assert_eq!(ALL.len(), 257);
    ALL.iter().cloned().for_each(check);
    let Shape::Enum { repr, variants } = layout::<Wide>().shape else { panic!() };
    assert_eq!((repr.name, variants[256].discriminant), ("u16", 256));
}

#[derive(Debug, Crossing)]
struct Three(Counted, Vec<Counted>, Counted);

#[derive(Debug, Crossing)]
enum OneOf {
    Three(Counted, Three, Counted),
}

/// Values 1 to 5 cross, and the conversion of each panics once: to the other form, and from it.
#[test]
fn a_conversion_that_panics_leaks_nothing() {
    for panics in [None, Some(1), Some(3), Some(4), Some(5), Some(101), Some(103), Some(104), Some(105)] {
        PANICS.set(panics);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let three = Three(
                Counted::new(2),
                vec![Counted::new(3), Counted::new(6), Counted::new(7)],
                Counted::new(4),
            );
            let there = OneOf::Three(Counted::new(1), three, Counted::new(5)).into_abi();
            // SAFETY: made by `into_abi` of this very type.
            drop(unsafe { OneOf::from_abi(there) });
        }));
        assert_eq!(outcome.is_err(), panics.is_some());
        assert_eq!(LIVE.get(), 0, "{panics:?}");
    }
}
