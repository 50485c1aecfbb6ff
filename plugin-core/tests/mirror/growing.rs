//! Types that grow: two versions of each, and values that go from one to the other.
//!
//! Both are of this one library. That a block is freed by the library that made it is tested on real plugins.

use std::{
    fmt::Debug,
    mem::{ManuallyDrop, transmute_copy},
    panic::{AssertUnwindSafe, catch_unwind},
};

use plugin_core::{Crossing, Shape, StableLayout};

use crate::counted::{Counted, LIVE, PANICS};

mod old {
    use super::{Counted, Crossing};

    #[derive(Debug, PartialEq, Crossing)]
    #[crossing(growing)]
    pub(super) struct Request {
        pub(super) name: String,
        pub(super) first: Counted,
    }

    #[derive(Debug, PartialEq, Crossing)]
    #[crossing(growing)]
    pub(super) struct Tuple(pub(super) u8);

    #[derive(Debug, PartialEq, Crossing)]
    #[crossing(growing)]
    pub(super) enum Event {
        Started,
        Progress {
            done: u64,
            of: Counted,
        },
        Asked(Request),
        #[unknown]
        Other(String),
    }

    #[derive(Debug, PartialEq, Crossing)]
    #[crossing(growing)]
    pub(super) enum Level {
        #[unknown]
        Unknown,
        Low,
    }

    /// Not growing itself.
    #[derive(Debug, PartialEq, Crossing)]
    pub(super) struct Batch {
        pub(super) requests: Vec<Option<Request>>,
        pub(super) events: Result<Vec<Event>, (u8, Level)>,
    }
}

mod new {
    use super::{Counted, Crossing};

    #[derive(Debug, PartialEq, Crossing)]
    #[crossing(growing)]
    pub(super) struct Request {
        pub(super) name: String,
        pub(super) first: Counted,
        #[since("1.1.0")]
        pub(super) second: Counted,
        #[since("1.1.0", default = Some(SIXTEEN.into()))]
        pub(super) wide: Option<u128>,
        #[since("1.2.0", default = vec![Level::High, Self::level()],)]
        pub(super) levels: Vec<Level>,
    }

    const SIXTEEN: u8 = 16;

    impl Request {
        fn level() -> Level {
            Level::Low
        }
    }

    #[derive(Debug, PartialEq, Crossing)]
    #[crossing(growing)]
    pub(super) struct Tuple(
        pub(super) u8,
        #[since("1.1.0")] pub(super) String,
        #[since("1.1.0", default = 7)] pub(super) u16,
    );

    #[derive(Debug, PartialEq, Crossing)]
    #[crossing(growing)]
    pub(super) enum Event {
        Started,
        Progress {
            done: u64,
            of: Counted,
        },
        Asked(Request),
        Paused,
        Failed {
            why: Counted,
            request: Request,
        },
        #[unknown]
        Other(String),
    }

    #[derive(Debug, PartialEq, Crossing)]
    #[crossing(growing)]
    pub(super) enum Level {
        Low,
        High,
        r#Final(u8),
        #[unknown]
        Newer,
    }

    #[derive(Debug, PartialEq, Crossing)]
    pub(super) struct Batch {
        pub(super) requests: Vec<Option<Request>>,
        pub(super) events: Result<Vec<Event>, (u8, Level)>,
    }
}

/// A value as a build with another version of its type receives it.
fn cross<A: Crossing, B: Crossing>(value: A) -> B {
    assert_eq!(size_of::<A::Abi>(), size_of::<B::Abi>());
    let sent = ManuallyDrop::new(value.into_abi());
    // SAFETY: two versions of one type that grows, whose descriptions fit (`compat` holds that): the FFI-safe forms have
    // one layout, and each value is taken once.
    unsafe { B::from_abi(transmute_copy(&*sent)) }
}

#[track_caller]
fn check<A: Crossing, B: Crossing + Debug + PartialEq>(sent: A, expected: B) {
    assert_eq!(cross::<A, B>(sent), expected);
    drop(expected);
    assert_eq!(LIVE.get(), 0);
}

fn counted(number: u32) -> Counted {
    Counted::new(number)
}

fn old_request() -> old::Request {
    old::Request { name: "a".into(), first: counted(1) }
}

fn new_request() -> new::Request {
    new::Request {
        name: "a".into(),
        first: counted(1),
        second: counted(2),
        wide: None,
        levels: vec![new::Level::Final(3)],
    }
}

/// What a new build makes of an old request.
fn filled_request() -> new::Request {
    new::Request {
        name: "a".into(),
        first: counted(1),
        second: counted(200),
        wide: Some(16),
        levels: vec![new::Level::High, new::Level::Low],
    }
}

#[test]
fn fields_that_were_not_sent_have_their_defaults_and_those_not_wanted_are_dropped() {
    check(old_request(), old_request());
    check(new_request(), new_request());
    check(old_request(), filled_request());
    check(new_request(), old_request());
    check(old::Tuple(1), new::Tuple(1, String::new(), 7));
    check(new::Tuple(1, "x".into(), 2), old::Tuple(1));
    // Not taken at all.
    drop(new_request().into_abi());
    drop(new::Event::Failed { why: counted(3), request: new_request() }.into_abi());
    assert_eq!(LIVE.get(), 0);
}

#[test]
fn variants_that_are_not_known_arrive_as_the_unknown_one() {
    check(new::Event::Started, old::Event::Started);
    check(old::Event::Started, new::Event::Started);
    check(new::Event::Progress { done: 5, of: counted(6) }, old::Event::Progress { done: 5, of: counted(6) });
    check(new::Event::Paused, old::Event::Other("Paused".into()));
    check(new::Event::Failed { why: counted(1), request: new_request() }, old::Event::Other("Failed".into()));
    check(new::Event::Asked(new_request()), old::Event::Asked(old_request()));
    check(old::Event::Asked(old_request()), new::Event::Asked(filled_request()));
    check(new::Level::Low, old::Level::Low);
    check(old::Level::Low, new::Level::Low);
    check(new::Level::High, old::Level::Unknown);
    check(new::Level::Final(1), old::Level::Unknown);
    // Sent on, it stays unknown, and keeps its name.
    check(old::Event::Other("Failed".into()), new::Event::Other("Failed".into()));
    check(old::Level::Unknown, new::Level::Newer);
    check(new::Level::Newer, old::Level::Unknown);
}

#[test]
fn they_grow_wherever_they_are() {
    check(
        new::Batch {
            requests: vec![Some(new_request()), None, Some(new_request())],
            events: Ok(vec![new::Event::Asked(new_request()), new::Event::Paused]),
        },
        old::Batch {
            requests: vec![Some(old_request()), None, Some(old_request())],
            events: Ok(vec![old::Event::Asked(old_request()), old::Event::Other("Paused".into())]),
        },
    );
    check(
        old::Batch { requests: vec![Some(old_request())], events: Err((1, old::Level::Low)) },
        new::Batch { requests: vec![Some(filled_request())], events: Err((1, new::Level::Low)) },
    );
}

/// The conversion of each value panics once, to the other form (1, 2, …) and from it (101, …), and so does the default
/// (200).
#[test]
fn a_conversion_that_panics_leaks_nothing() {
    fn check<A: Crossing, B: Crossing>(panics: &[u32], value: impl Fn() -> A) {
        for panic in panics {
            PANICS.set(Some(*panic));
            let outcome = catch_unwind(AssertUnwindSafe(|| drop(cross::<A, B>(value()))));
            PANICS.set(None);
            assert!(outcome.is_err(), "{panic}");
            assert_eq!(LIVE.get(), 0, "{panic}");
        }
    }
    check::<_, new::Request>(&[1, 2, 101, 102], new_request);
    check::<_, old::Request>(&[1, 2, 101], new_request);
    check::<_, new::Request>(&[1, 101, 200], old_request);
    let failed = || new::Event::Failed { why: counted(3), request: new_request() };
    check::<_, new::Event>(&[1, 2, 3, 101, 102, 103], failed);
    check::<_, old::Event>(&[1, 2, 3], failed);
    check::<_, Vec<new::Event>>(&[200], || vec![old::Event::Started, old::Event::Asked(old_request())]);
}

/// Panics when it is dropped where it is not taken.
#[derive(Debug, StableLayout)]
#[repr(C)]
struct Armed(bool);

impl Drop for Armed {
    fn drop(&mut self) {
        assert!(!self.0, "dropped while armed");
    }
}

#[derive(Crossing)]
#[crossing(growing)]
struct WithArmed {
    first: Counted,
    #[since("1.1.0", default = Armed(false))]
    armed: Armed,
    #[since("1.1.0")]
    last: Counted,
}

#[derive(Crossing)]
#[crossing(growing)]
struct WithoutArmed {
    first: Counted,
}

/// The destructor of a field that was not taken panics in the library that drops it, which goes on with the others; the
/// panic goes on in the library that did not take it.
#[test]
fn a_destructor_that_panics_is_a_panic_and_leaks_nothing() {
    let value = || WithArmed { first: counted(1), armed: Armed(true), last: counted(2) };
    for outcome in [
        catch_unwind(AssertUnwindSafe(|| drop(cross::<_, WithoutArmed>(value())))),
        catch_unwind(AssertUnwindSafe(|| drop(value().into_abi()))),
    ] {
        let message = outcome.unwrap_err().downcast::<String>().unwrap();
        assert_eq!(*message, "dropped while armed");
        assert_eq!(LIVE.get(), 0);
    }
    let sent = WithoutArmed { first: counted(1) };
    let WithArmed { first, armed, last } = cross(sent);
    assert_eq!((first.0, armed.0, last.0), (1, false, 200));
}

#[test]
fn descriptions_say_what_was_there_from_the_first() {
    let layout = <new::Request as Crossing>::Abi::TYPE_LAYOUT;
    assert_eq!(layout.declaration.growth, Some(&["1.1.0", "1.1.0", "1.2.0"][..]));
    assert_eq!((layout.name, layout.size), ("Request", size_of::<usize>()));
    let Shape::Struct(fields) = layout.shape else { panic!("{layout:?}") };
    // Behind the head; the old block has the same fields in the same places, though the new one is aligned to 16.
    let places = |fields: &[plugin_core::Field]| {
        fields.iter().map(|field| (field.name, field.offset)).collect::<Vec<_>>()
    };
    let Shape::Struct(before) = <old::Request as Crossing>::Abi::TYPE_LAYOUT.shape else { panic!() };
    assert_eq!(places(&fields[..2]), places(before));
    assert_eq!(fields[3].layout.align, 16);
    let layout = <new::Event as Crossing>::Abi::TYPE_LAYOUT;
    assert_eq!((layout.declaration.growth, layout.size), (Some(&[][..]), 2 * size_of::<usize>()));
    let Shape::Enum { repr: _, variants } = layout.shape else { panic!("{layout:?}") };
    let names: Vec<_> = variants.iter().map(|variant| (variant.name, variant.discriminant)).collect();
    assert_eq!(names, [("Started", 0), ("Progress", 1), ("Asked", 2), ("Paused", 3), ("Failed", 4)]);
}

/// What the derive makes of generic and recursive types.
#[test]
fn generic_and_recursive_types_grow_too() {
    #[derive(Debug, PartialEq, Crossing)]
    #[crossing(growing)]
    struct Node<'a, T, const N: usize> {
        text: &'a str,
        value: [T; N],
        nodes: Vec<Self>,
        #[since("1.1.0")]
        more: Vec<Node<'a, T, N>>,
    }
    #[derive(Debug, PartialEq, Crossing)]
    #[crossing(growing)]
    enum Tree<'a, T> {
        Leaf(&'a str, Option<T>),
        Many(Vec<Tree<'a, T>>),
        #[unknown]
        Unknown,
    }
    let node = |nodes, more| Node { text: "x", value: [1_u8, 2], nodes, more };
    let all = || node(vec![node(vec![], vec![])], vec![node(vec![], vec![])]);
    check(all(), all());
    let tree = || Tree::Many(vec![Tree::Leaf("y", Some("z".to_owned())), Tree::Many(vec![])]);
    check(tree(), tree());
    let Shape::Struct([.., nodes, _]) = <Node<'_, u8, 2> as Crossing>::Abi::TYPE_LAYOUT.shape else {
        panic!()
    };
    let [plugin_core::Argument::Type(inside)] = nodes.layout.arguments else { panic!() };
    // Only what every version has tells which type is meant.
    assert!(matches!(inside.shape, Shape::Recursive(["text", "value", "nodes"])), "{inside:?}");
}
