use plugin_core::{
    Crossing, Declaration, PointerKind, Receiver, Shape, StableLayout, TypeLayout, Variant, compat,
    descriptor::{Descriptor, SymbolKind, SymbolLayout, encode_expected},
};

use crate::{
    build::{
        Layout, array, c, fields, full, getter, interface, layout, method, of, pointer, raw, signature,
        taking, vec,
    },
    check, check_types, compare,
};

const IN: &str = "Codec::compress → argument input";

/// Fields of a struct or a variant.
type Named<'f> = &'f [(&'static str, Layout)];

fn growing(name: &'static str, since: Option<&'static [&'static str]>, shape: Shape) -> Layout {
    let declaration = Declaration { origin: "", lifetimes: "", is_transparent: false, growth: since };
    Box::leak(Box::new(TypeLayout::declared(declaration, name, &[], 8, 8, shape)))
}

/// A growing struct: the last of its fields were added since these versions.
fn grown(of: Named<'_>, since: &'static [&'static str]) -> Layout {
    let Shape::Struct(inside) = c("", &[&[("", self::of::<usize>())], of].concat()).shape else { panic!() };
    growing("Request", Some(since), Shape::Struct(&inside[1..]))
}

fn variants(named: &[(&'static str, Named<'_>)]) -> Shape {
    let variant = |(place, (name, inside)): (usize, &(&'static str, Named<'_>))| {
        let Shape::Struct(inside) = c("", &[&[("", of::<usize>())], *inside].concat()).shape else {
            panic!()
        };
        Variant { name, discriminant: place as u64, fields: &inside[1..] }
    };
    let variants: Vec<_> = named.iter().enumerate().map(variant).collect();
    Shape::Enum { repr: of::<u32>(), variants: variants.leak() }
}

fn event(named: &[(&'static str, Named<'_>)]) -> Layout {
    growing("Event", Some(&[]), variants(named))
}

fn old() -> Layout {
    grown(&[("name", of::<u64>())], &[])
}

fn new() -> Layout {
    grown(&[("name", of::<u64>()), ("retry", of::<u8>()), ("tags", vec(of::<u16>()))], &["1.1.0", "1.2.0"])
}

#[track_caller]
fn fits(one: Layout, other: Layout) {
    check_types(one, other, &[], &[]);
}

/// One line about the argument, and its mirror image.
#[track_caller]
fn differs(host: Layout, plugin: Layout, tail: &str, expected: &str, found: &str) {
    let line = |expected: &str, found: &str| format!("{IN} → {tail}: expected {expected}, found {found}");
    check_types(host, plugin, &[&line(expected, found)], &[&line(found, expected)]);
}

#[test]
fn more_at_the_end_fits_either_way() {
    let newest = grown(
        &[("name", of::<u64>()), ("retry", of::<u8>()), ("tags", vec(of::<u16>())), ("last", of::<u8>())],
        &["1.1.0", "1.2.0", "1.2.0"],
    );
    for (one, other) in [(old(), new()), (new(), newest), (old(), newest), (old(), old())] {
        fits(one, other);
    }
    // When it was added does not matter where both have it.
    fits(
        grown(&[("name", of::<u64>()), ("retry", of::<u8>())], &["1.1.0"]),
        grown(&[("name", of::<u64>()), ("retry", of::<u8>())], &["1.0.1"]),
    );
    let (few, more) = (
        event(&[("A", &[]), ("B", &[("x", of::<u8>())])]),
        event(&[("A", &[]), ("B", &[("x", of::<u8>())]), ("C", &[])]),
    );
    fits(few, more);
    fits(event(&[]), few);
}

/// However deep it is, and whatever is around it.
#[test]
fn it_fits_wherever_it_is() {
    let pair = |layout| self::layout("tuple", &[of::<u8>(), layout], 16, 8, Shape::Opaque);
    let result = |layout| self::layout("Result", &[layout, of::<u8>()], 16, 8, Shape::Opaque);
    let within = |layout| c("Batch", &[("id", of::<u8>()), ("inside", layout), ("last", of::<u16>())]);
    let variant = |layout| growing("Plain", None, variants(&[("A", &[]), ("B", &[("x", layout)])]));
    let in_event = |layout| event(&[("A", &[("x", layout)])]);
    let in_request = |layout| grown(&[("deeper", layout)], &[]);
    let wraps: &[&dyn Fn(Layout) -> Layout] = &[
        &vec,
        &pair,
        &result,
        &within,
        &variant,
        &in_event,
        &in_request,
        &|layout| array(layout, 3),
        &|layout| pointer(PointerKind::Shared, layout),
        &|layout| self::layout("Wrapper", &[layout], 8, 8, Shape::Struct(fields(&[("value", 0, layout)]))),
        &|layout| signature(false, &[("", layout)], layout),
        &|layout| vec(pair(vec(result(within(variant(vec(layout))))))),
    ];
    for outer in wraps {
        fits(outer(old()), outer(new()));
        for inner in wraps {
            fits(outer(inner(old())), outer(inner(new())));
        }
    }
    // More outside in one, more inside in the other.
    fits(grown(&[("deeper", new())], &[]), grown(&[("deeper", old()), ("more", of::<u8>())], &["1.1.0"]));
    // As a result, and of several methods and supertraits, of which each meets what the last one met.
    let with = |layout| {
        let base = full("base::Named", "1.0.0", &[], (false, false), &[method("name", &[], vec(layout))]);
        let methods = [
            method("one", &[("a", layout), ("b", vec(layout))], layout),
            method("two", &[("a", c("S", &[("a", layout), ("b", layout)]))], vec(layout)),
        ];
        full("codec_api::Codec", "1.0.0", &[base], (false, false), &methods)
    };
    check(with(old()), with(new()), &[]);
    check(with(new()), with(old()), &[]);
    // A later method is a difference of its own.
    let also = |layout, more: &[_]| interface("1.1.0", &[&[method("one", &[], layout)], more].concat());
    check(
        also(old(), &[getter("level")]),
        also(new(), &[]),
        &["Codec::level: expected method `fn(&self) -> u8`, found none"],
    );
}

#[test]
fn fields_that_do_not_fit() {
    let two = || grown(&[("name", of::<u64>()), ("retry", of::<u8>())], &[]);
    differs(two(), old(), "Request.retry", "field `retry: u8`", "none");
    // In the middle: `#[since]` helps at the end alone.
    let between =
        grown(&[("name", of::<u64>()), ("id", of::<u8>()), ("retry", of::<u8>())], &["1.1.0", "1.1.0"]);
    differs(two(), between, "Request.id", "none", "field `id: u8`");
    // Both added something else.
    let name = ("name", of::<u64>());
    let (a, b) =
        (grown(&[name, ("a", of::<u8>())], &["1.1.0"]), grown(&[name, ("b", of::<u8>())], &["1.1.0"]));
    check_types(
        a,
        b,
        &[&format!("{IN} → Request.a: expected field `a: u8`, found field `b: u8`")],
        &[&format!("{IN} → Request.b: expected field `b: u8`, found field `a: u8`")],
    );
    let b = grown(&[name, ("b", of::<u16>())], &["1.1.0"]);
    check_types(
        a,
        b,
        &[
            &format!("{IN} → Request.a: expected field `a: u8`, found none"),
            &format!("{IN} → Request.b: expected none, found field `b: u16`"),
        ],
        &[
            &format!("{IN} → Request.b: expected field `b: u16`, found none"),
            &format!("{IN} → Request.a: expected none, found field `a: u8`"),
        ],
    );
    differs(
        grown(&[("retry", of::<u8>()), name], &[]),
        grown(&[name, ("retry", of::<u8>()), ("more", of::<u8>())], &["1.1.0"]),
        "Request",
        "fields in the order `retry, name`",
        "fields in the order `name, retry`",
    );
    differs(
        new(),
        grown(&[("name", of::<i64>())], &[]),
        "Request.name",
        "u64 at offset 8",
        "i64 at offset 8",
    );
    // What follows has another place, which needs no words.
    differs(
        grown(&[("a", of::<u8>()), ("b", of::<u8>())], &[]),
        grown(&[("a", of::<u32>()), ("b", of::<u8>())], &[]),
        "Request.a",
        "u8 at offset 8",
        "u32 at offset 8",
    );
    differs(
        growing("Request", Some(&[]), Shape::Struct(fields(&[("a", 8, of::<u8>())]))),
        growing("Request", Some(&[]), Shape::Struct(fields(&[("a", 9, of::<u8>())]))),
        "Request.a",
        "u8 at offset 8",
        "u8 at offset 9",
    );
}

#[test]
fn variants_that_do_not_fit() {
    let ab = || event(&[("A", &[]), ("B", &[])]);
    differs(
        ab(),
        event(&[("A", &[]), ("X", &[("x", of::<u8>())]), ("B", &[])]),
        "Event::X",
        "none",
        "variant `X`",
    );
    differs(
        ab(),
        event(&[("B", &[]), ("A", &[]), ("C", &[])]),
        "Event",
        "variants in the order `A, B`",
        "variants in the order `B, A`",
    );
    differs(ab(), event(&[("A", &[("x", of::<u8>())]), ("B", &[])]), "Event::A.x", "none", "u8 at offset 8");
    differs(
        event(&[("A", &[("x", of::<u8>())])]),
        event(&[("A", &[("x", of::<i8>())]), ("B", &[])]),
        "Event::A.x",
        "u8 at offset 8",
        "i8 at offset 8",
    );
    check_types(
        event(&[("A", &[]), ("X", &[])]),
        event(&[("A", &[]), ("Y", &[])]),
        &[&format!("{IN} → Event::X: expected variant `X`, found variant `Y`")],
        &[&format!("{IN} → Event::Y: expected variant `Y`, found variant `X`")],
    );
}

#[test]
fn growing_against_not_growing() {
    let words = ("a type that grows", "a type that does not grow");
    differs(old(), c("Request", &[("name", of::<u64>())]), "Request", words.0, words.1);
    let plain = growing("Event", None, variants(&[("A", &[])]));
    differs(vec(event(&[("A", &[])])), vec(plain), "Vec<Event> → Event", words.0, words.1);
}

/// What has grown inside is no excuse for anything else.
#[test]
fn other_differences_are_reported_beside_it() {
    let with = |layout, size, align| raw("Batch", &[("inside", 0, layout)], size, align);
    differs(with(old(), 8, 8), with(new(), 16, 8), "Batch", "size 8", "size 16");
    differs(with(old(), 16, 8), with(new(), 16, 16), "Batch", "alignment 8", "alignment 16");
    let declared = |layout, lifetimes, is_transparent| {
        let declaration = Declaration { origin: "", lifetimes, is_transparent, growth: None };
        let shape = Shape::Struct(fields(&[("inside", 0, layout)]));
        Box::leak(Box::new(TypeLayout::declared(declaration, "Batch", &[], 8, 8, shape))) as Layout
    };
    differs(
        declared(old(), "<'0> '0", false),
        declared(new(), "", false),
        "Batch",
        "lifetimes `<'0> '0`",
        "no lifetimes",
    );
    differs(
        declared(old(), "", true),
        declared(new(), "", false),
        "Batch",
        "`repr(transparent)`",
        "`repr(C)`",
    );
    let beside = |layout, other| c("Batch", &[("inside", layout), ("other", other)]);
    differs(
        beside(old(), of::<u8>()),
        beside(new(), of::<i8>()),
        "Batch.other",
        "u8 at offset 8",
        "i8 at offset 8",
    );
    // Recursive types whose mentions mean something else, with something that has grown beside them.
    let leaf = |members| layout("Node", &[], 8, 8, Shape::Recursive(members));
    let one = compare(taking(beside(old(), leaf(&["a"]))), taking(beside(new(), leaf(&["b"]))));
    assert!(one.len() == 1 && one[0].expected.starts_with("fingerprint "), "{one:#?}");
    let methods = |receiver, layout| {
        let of = method("compress", &[("input", layout)], of::<()>());
        interface("0.1.0", &[plugin_core::Method::new(of.name, receiver, "", "", of.signature)])
    };
    check(
        methods(Receiver::Shared, old()),
        methods(Receiver::Mutable, new()),
        &["Codec::compress: expected receiver `&self`, found receiver `&mut self`"],
    );
}

#[test]
fn advice_names_the_cure() {
    let advice = |host, plugin| compare(taking(host), taking(plugin)).remove(0).advice;
    let two = || grown(&[("name", of::<u64>()), ("retry", of::<u8>())], &[]);
    for (one, other, expected) in [
        (
            two(),
            old(),
            "add fields to a growing struct behind those that it has, each with the `#[since(\"…\")]` that names the version that adds it, so that older builds fit",
        ),
        (
            event(&[("B", &[])]),
            event(&[("A", &[("x", of::<u8>())]), ("B", &[])]),
            "add variants to a growing enum behind those that it has",
        ),
        (
            old(),
            c("Request", &[]),
            "mark the type with `#[crossing(growing)]` on both sides or on none: a type begins or ends to grow with an incompatible version",
        ),
    ] {
        assert_eq!(advice(one, other), expected);
        assert_eq!(advice(other, one), expected);
    }
}

/// Lifetimes of fields that only one side has do not count; all others do.
#[test]
fn lifetimes() {
    let request = |lifetimes, count: usize| {
        let declaration =
            Declaration { origin: "", lifetimes, is_transparent: false, growth: Some(&["1.1.0"; 4]) };
        let all = [("a", 8, of::<u64>()), ("b", 16, of::<u64>()), ("c", 24, of::<u64>())];
        let shape = Shape::Struct(fields(&all[..count]));
        Box::leak(Box::new(TypeLayout::declared(declaration, "Request", &[], 8, 8, shape))) as Layout
    };
    for (one, other) in [
        (request("<'0> '0", 1), request("<'0> '0; ", 2)),
        (request("<'0> '0", 1), request("<'0> '0; '0; 'static", 3)),
        (request("", 1), request("<> ; 'static", 2)),
        (request("", 2), request("<> ; ; 'static", 3)),
    ] {
        fits(one, other);
    }
    for (one, other) in [
        (("<'0> '0", 1), ("", 2)),
        (("<'0> '0; '0", 2), ("<'0> '0; 'static; '0", 3)),
        (("<'0> ", 1), ("<'0, '1> ; '1", 2)),
        (("", 2), ("<> ; 'static; 'static", 3)),
    ] {
        let show = |(text, _)| match text {
            "" => "no lifetimes".to_owned(),
            text => format!("lifetimes `{text}`"),
        };
        differs(request(one.0, one.1), request(other.0, other.1), "Request", &show(one), &show(other));
    }
}

/// Exported functions are looked up by the same rules.
#[test]
fn symbols() {
    let bytes = |layout, lifetimes| {
        let layout = signature(false, &[("", vec(layout))], layout);
        encode_expected(
            &[],
            Box::leak(Box::new([SymbolLayout { name: "f", kind: SymbolKind::Function, lifetimes, layout }])),
        )
    };
    let (one, other, third) = (bytes(old(), ""), bytes(new(), ""), bytes(new(), "'0"));
    let [one, other, third] = [&one, &other, &third].map(|bytes| Descriptor::decode(bytes).unwrap());
    let symbol = |host: &Descriptor<'_>, plugin: &Descriptor<'_>| {
        compat::symbol((host, &host.symbols()[0]), (plugin, &plugin.symbols()[0]))
    };
    assert_eq!(symbol(&one, &other), []);
    assert_eq!(symbol(&other, &one), []);
    let [mismatch] = &symbol(&one, &third)[..] else { panic!() };
    assert_eq!(mismatch.to_string(), "f: expected no lifetimes, found lifetimes `'0`");
}

/// The description of a field says since when it is there.
#[test]
fn versions_are_recorded() {
    let bytes = encode_expected(Box::leak(Box::new([taking(new())])), &[]);
    let descriptor = Descriptor::decode(&bytes).unwrap();
    let request =
        (0..10).map(|index| descriptor.type_at(index)).find(|entry| entry.name == "Request").unwrap();
    assert!(request.is_growing);
    let since: Vec<_> = descriptor.members(request).iter().map(|field| (field.name, field.since)).collect();
    assert_eq!(since, [("name", ""), ("retry", "1.1.0"), ("tags", "1.2.0")]);
}

/// As the derive describes them.
#[test]
fn derived_types() {
    mod old {
        #[derive(plugin_core::Crossing)]
        #[crossing(growing)]
        pub(super) struct Request<'a> {
            pub(super) name: &'a str,
            pub(super) nodes: Vec<Request<'a>>,
        }
        #[derive(plugin_core::Crossing)]
        #[crossing(growing)]
        pub(super) enum Event<'a> {
            Asked(Request<'a>),
            #[unknown]
            Other,
        }
    }
    mod new {
        #[derive(plugin_core::Crossing)]
        #[crossing(growing)]
        pub(super) struct Request<'a> {
            pub(super) name: &'a str,
            pub(super) nodes: Vec<Request<'a>>,
            #[since("1.1.0")]
            pub(super) retry: Option<core::time::Duration>,
        }
        #[derive(plugin_core::Crossing)]
        #[crossing(growing)]
        pub(super) enum Event<'a> {
            Asked(Request<'a>),
            Answered {
                request: Request<'a>,
                events: Vec<Event<'a>>,
            },
            #[unknown]
            Other(String),
        }
    }
    fn abi<T: Crossing>() -> Layout {
        <T::Abi as StableLayout>::TYPE_LAYOUT
    }
    let request = |name| new::Request { name, nodes: vec![], retry: None };
    drop(
        new::Event::Answered { request: request("x"), events: vec![new::Event::Asked(request("y"))] }
            .into_abi(),
    );
    drop([new::Event::Other(String::new())].map(Crossing::into_abi));
    drop(old::Event::Asked(old::Request { name: "x", nodes: vec![] }).into_abi());
    drop(old::Event::Other.into_abi());
    fits(abi::<Vec<old::Event<'_>>>(), abi::<Vec<new::Event<'_>>>());
}
