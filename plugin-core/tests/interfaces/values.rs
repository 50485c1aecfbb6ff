//! Every kind of argument and result.

#![allow(clippy::option_option, clippy::trivially_copy_pass_by_ref, reason = "all that crosses is tried")]

use std::{num::NonZeroU32, time::Duration};

use plugin_core::{
    Instance, StableLayout,
    abi::{RArc, RBox, ROption, RString, RVec},
    plugin_interface,
};

/// A trait whose methods return their argument, and its implementation.
macro_rules! echo {
    ($interface:ident: $($name:ident = $ty:ty,)*) => {
        #[plugin_interface]
        pub(crate) trait $interface {
            $(fn $name(&self, value: $ty) -> $ty;)*
        }

        impl $interface for $crate::values::Echo {
            $(fn $name(&self, value: $ty) -> $ty {
                value
            })*
        }
    };
}

pub(crate) use echo as echoes;

pub(crate) struct Echo;

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[repr(C)]
pub(crate) struct Point {
    x: f64,
    y: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, StableLayout)]
#[repr(u8)]
pub(crate) enum Level {
    Low,
    High { by: u32 },
}

#[derive(Debug, PartialEq, StableLayout)]
#[repr(C)]
pub(crate) struct Pair<A, B> {
    first: A,
    second: B,
}

echo!(Scalars:
    u8 = u8, u16 = u16, u32 = u32, u64 = u64, u128 = u128, usize = usize, i8 = i8, i16 = i16, i32 = i32,
    i64 = i64, i128 = i128, isize = isize, f32 = f32, f64 = f64, bool = bool, char = char, unit = (),
    non_zero = NonZeroU32, duration = Duration,
);

echo!(Containers:
    string = String, numbers = Vec<u32>, strings = Vec<String>, nested = Vec<Vec<u8>>,
    tuples = Vec<(String, u64)>, number = Option<u32>, text = Option<String>,
    options = Vec<Option<char>>, nested_option = Option<Option<u8>>, fallible = Result<String, u32>,
    either = Result<Vec<String>, Option<String>>, two = (u8, String), three = (u8, String, bool),
    four = (u8, String, bool, f64), array = [u16; 3], arrays = [[u8; 2]; 2], empty = [u64; 0],
    pair_of_arrays = ([u8; 2], u8),
);

echo!(Own:
    point = Point, level = Level, points = Vec<Point>, some = Option<Point>,
    either = Result<Point, Level>, pair = Pair<u8, Point>, pairs = Vec<Pair<RString, ROption<u8>>>,
    array = [Level; 2], vec = RVec<Point>, boxed = RBox<u64>, shared = RArc<u64>, text = RString,
);

pub(crate) fn echo<I: ?Sized + plugin_core::Implemented<Echo>>() -> Instance<I> {
    Instance::new(Echo)
}

#[test]
fn numbers_and_other_scalars() {
    let echo = echo::<dyn Scalars>();
    assert_eq!(echo.u8(u8::MAX), u8::MAX);
    assert_eq!(echo.u16(u16::MAX), u16::MAX);
    assert_eq!(echo.u32(u32::MAX), u32::MAX);
    assert_eq!(echo.u64(u64::MAX), u64::MAX);
    assert_eq!(echo.u128(u128::MAX - 1), u128::MAX - 1);
    assert_eq!(echo.usize(usize::MAX), usize::MAX);
    assert_eq!(echo.i8(i8::MIN), i8::MIN);
    assert_eq!(echo.i16(i16::MIN), i16::MIN);
    assert_eq!(echo.i32(i32::MIN), i32::MIN);
    assert_eq!(echo.i64(i64::MIN), i64::MIN);
    assert_eq!(echo.i128(i128::MIN + 1), i128::MIN + 1);
    assert_eq!(echo.isize(isize::MIN), isize::MIN);
    assert_eq!(echo.f32(1.5).to_bits(), 1.5_f32.to_bits());
    assert_eq!(echo.f64(-0.0).to_bits(), (-0.0_f64).to_bits());
    assert!(echo.bool(true));
    assert_eq!(echo.char('ß'), 'ß');
    echo.unit(());
    assert_eq!(echo.non_zero(NonZeroU32::MAX), NonZeroU32::MAX);
    let duration = Duration::new(3, 999_999_999);
    assert_eq!(echo.duration(duration), duration);
}

#[test]
fn containers() {
    let echo = echo::<dyn Containers>();
    assert_eq!(echo.string("wörld".into()), "wörld");
    assert_eq!(echo.numbers(vec![1, 2]), [1, 2]);
    assert_eq!(echo.strings(vec!["a".into(), String::new()]), ["a", ""]);
    assert_eq!(echo.nested(vec![vec![], vec![1]]), [vec![], vec![1]]);
    assert_eq!(echo.tuples(vec![("a".into(), 1)]), [("a".to_owned(), 1)]);
    assert_eq!(echo.number(None), None);
    assert_eq!(echo.text(Some("a".into())).as_deref(), Some("a"));
    assert_eq!(echo.options(vec![Some('a'), None]), [Some('a'), None]);
    assert_eq!(echo.nested_option(Some(None)), Some(None));
    assert_eq!(echo.fallible(Err(3)), Err(3));
    assert_eq!(echo.either(Err(Some("no".into()))), Err(Some("no".into())));
    assert_eq!(echo.either(Ok(vec!["a".into()])), Ok(vec!["a".into()]));
    assert_eq!(echo.two((1, "a".into())), (1, "a".into()));
    assert_eq!(echo.three((1, "a".into(), true)), (1, "a".into(), true));
    assert_eq!(echo.four((1, "a".into(), true, 0.5)), (1, "a".into(), true, 0.5));
    assert_eq!(echo.array([1, 2, 3]), [1, 2, 3]);
    assert_eq!(echo.arrays([[1, 2], [3, 4]]), [[1, 2], [3, 4]]);
    assert_eq!(echo.empty([]), [0; 0]);
    assert_eq!(echo.pair_of_arrays(([1, 2], 3)), ([1, 2], 3));
}

#[test]
fn own_types_and_the_vocabulary() {
    let echo = echo::<dyn Own>();
    let point = Point { x: 1.0, y: 2.0 };
    assert_eq!(echo.point(point.clone()), point);
    assert_eq!(echo.level(Level::High { by: 7 }), Level::High { by: 7 });
    assert_eq!(echo.points(vec![point.clone(), point.clone()]), [point.clone(), point.clone()]);
    assert_eq!(echo.some(Some(point.clone())), Some(point.clone()));
    assert_eq!(echo.either(Err(Level::Low)), Err(Level::Low));
    let pair = || Pair { first: 1, second: Point { x: 0.0, y: 1.0 } };
    assert_eq!(echo.pair(pair()), pair());
    let pairs = || vec![Pair { first: RString::from("a"), second: ROption::RSome(1) }];
    assert_eq!(echo.pairs(pairs()), pairs());
    assert_eq!(echo.array([Level::Low; 2]), [Level::Low; 2]);
    assert_eq!(echo.vec(RVec::from(vec![point.clone()])), [point][..]);
    assert_eq!(*echo.boxed(RBox::new(1)), 1);
    assert_eq!(*echo.shared(RArc::new(1)), 1);
    assert_eq!(echo.text("a".into()), "a");
}

/// What is borrowed, in both directions.
#[plugin_interface]
pub(crate) trait Borrows {
    fn text(&self, text: &str) -> usize;
    fn own_text(&self) -> &str;
    fn bytes(&self, bytes: &[u8]) -> usize;
    fn own_bytes(&mut self) -> &mut [u8];
    fn reverse(&self, bytes: &mut [u8]);
    fn points(&self, points: &[Point]) -> f64;
    fn point(&self, point: &Point) -> f64;
    fn number(&self, number: &u32) -> u32;
    fn increment(&self, number: &mut u32);
    fn move_by(&self, point: &mut Point, by: f64);
    fn optional(&self, text: Option<&str>) -> Option<&str>;
    fn optional_point(&self, point: Option<&Point>) -> f64;
    fn optional_mut(&self, point: Option<&mut Point>);
    fn fallible(&self, ok: bool) -> Result<&str, Level>;
    fn pair(&self, pair: (&str, &[u8])) -> usize;
    fn texts(&self, texts: Vec<&str>) -> String;
    fn split(&self) -> Vec<&str>;
    fn several(&self, texts: [&u8; 2]) -> u8;
    fn append(&self, bytes: &mut Vec<u8>, text: &mut String, points: &mut Vec<Point>);
    fn vocabulary(&self, texts: &RVec<RString>, option: &ROption<u8>) -> usize;
    fn key(&self, key: &[u8; 32], rows: &[[u8; 2]]) -> u8;
    fn wide(&self, wide: &[u128], signed: &mut [i128]) -> u128;
    fn nothing(&mut self);
}

struct Holder {
    text: String,
    bytes: [u8; 2],
}

impl Borrows for Holder {
    fn text(&self, text: &str) -> usize {
        text.len()
    }
    fn own_text(&self) -> &str {
        &self.text
    }
    fn bytes(&self, bytes: &[u8]) -> usize {
        bytes.len()
    }
    fn own_bytes(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
    fn reverse(&self, bytes: &mut [u8]) {
        bytes.reverse();
    }
    fn points(&self, points: &[Point]) -> f64 {
        points.iter().map(|point| point.x).sum()
    }
    fn point(&self, point: &Point) -> f64 {
        point.y
    }
    fn number(&self, number: &u32) -> u32 {
        *number
    }
    fn increment(&self, number: &mut u32) {
        *number += 1;
    }
    fn move_by(&self, point: &mut Point, by: f64) {
        point.x += by;
    }
    fn optional(&self, text: Option<&str>) -> Option<&str> {
        text.map(|_| self.text.as_str())
    }
    fn optional_point(&self, point: Option<&Point>) -> f64 {
        point.map_or(0.0, |point| point.x)
    }
    fn optional_mut(&self, point: Option<&mut Point>) {
        if let Some(point) = point {
            point.x = 9.0;
        }
    }
    fn fallible(&self, ok: bool) -> Result<&str, Level> {
        if ok { Ok(&self.text) } else { Err(Level::Low) }
    }
    fn pair(&self, (text, bytes): (&str, &[u8])) -> usize {
        text.len() * bytes.len()
    }
    fn texts(&self, texts: Vec<&str>) -> String {
        texts.join(" ")
    }
    fn split(&self) -> Vec<&str> {
        self.text.split(' ').collect()
    }
    fn several(&self, [first, second]: [&u8; 2]) -> u8 {
        first + second
    }
    fn append(&self, bytes: &mut Vec<u8>, text: &mut String, points: &mut Vec<Point>) {
        bytes.extend([1; 100]);
        text.push_str(&self.text);
        points.clear();
    }
    fn vocabulary(&self, texts: &RVec<RString>, option: &ROption<u8>) -> usize {
        texts.len() + usize::from(option.is_some())
    }
    fn key(&self, key: &[u8; 32], rows: &[[u8; 2]]) -> u8 {
        key[31] + rows[1][1]
    }
    fn wide(&self, wide: &[u128], signed: &mut [i128]) -> u128 {
        signed.sort_unstable();
        wide.iter().sum()
    }
    fn nothing(&mut self) {
        self.text.clear();
    }
}

#[test]
#[allow(clippy::float_cmp, reason = "these floats are exact")]
fn borrowed_both_ways() {
    let mut holder = Instance::<dyn Borrows>::new(Holder { text: "hello world".into(), bytes: [1, 2] });
    assert_eq!(holder.text("abc"), 3);
    assert_eq!(holder.own_text(), "hello world");
    assert_eq!(holder.bytes(&[]), 0);
    holder.own_bytes()[0] = 7;
    assert_eq!(holder.own_bytes(), [7, 2]);
    let mut bytes = [1, 2, 3];
    holder.reverse(&mut bytes);
    assert_eq!(bytes, [3, 2, 1]);
    let mut point = Point { x: 1.0, y: 2.0 };
    assert_eq!(holder.points(&[point.clone(), point.clone()]), 2.0);
    assert_eq!(holder.point(&point), 2.0);
    assert_eq!(holder.number(&3), 3);
    let mut number = 1;
    holder.increment(&mut number);
    assert_eq!(number, 2);
    holder.move_by(&mut point, 0.5);
    assert_eq!(point.x, 1.5);
    assert_eq!(holder.optional(Some("")), Some("hello world"));
    assert_eq!(holder.optional(None), None);
    assert_eq!(holder.optional_point(Some(&point)), 1.5);
    assert_eq!(holder.optional_point(None), 0.0);
    holder.optional_mut(Some(&mut point));
    assert_eq!(point.x, 9.0);
    assert_eq!(holder.fallible(true), Ok("hello world"));
    assert_eq!(holder.fallible(false), Err(Level::Low));
    assert_eq!(holder.pair(("ab", &[1, 2, 3])), 6);
    assert_eq!(holder.texts(vec!["a", "b"]), "a b");
    assert_eq!(holder.split(), ["hello", "world"]);
    assert_eq!(holder.several([&1, &2]), 3);
    let (mut bytes, mut text, mut points) = (vec![0], "> ".to_owned(), vec![point]);
    holder.append(&mut bytes, &mut text, &mut points);
    assert_eq!((bytes.len(), bytes[100]), (101, 1));
    assert_eq!(text, "> hello world");
    assert_eq!(points, []);
    assert_eq!(holder.vocabulary(&RVec::new(), &ROption::RSome(1)), 1);
    assert_eq!(holder.key(&[1; 32], &[[1, 2], [3, 4]]), 5);
    let mut signed = [1, i128::MIN, i128::MAX];
    assert_eq!(holder.wide(&[u128::MAX - 5, 5], &mut signed), u128::MAX);
    assert_eq!(signed, [i128::MIN, 1, i128::MAX]);
    holder.nothing();
    assert_eq!(holder.own_text(), "");
}

type Callback = extern "C" fn(u32) -> u32;

/// Function pointers and raw pointers.
#[plugin_interface]
pub(crate) trait Pointers {
    fn apply(&self, callback: extern "C" fn(u32) -> u32, to: u32) -> u32;
    fn by_alias(&self, callback: Callback) -> Callback;
    fn forever(&self, larger: extern "C" fn(&'static u32, &'static u32) -> &'static u32) -> u32;
    fn address(&self, start: *const u8) -> *const u8;
}

impl Pointers for Echo {
    fn apply(&self, callback: extern "C" fn(u32) -> u32, to: u32) -> u32 {
        callback(to)
    }
    fn by_alias(&self, callback: Callback) -> Callback {
        callback
    }
    fn forever(&self, larger: extern "C" fn(&'static u32, &'static u32) -> &'static u32) -> u32 {
        *larger(&1, &2)
    }
    fn address(&self, start: *const u8) -> *const u8 {
        start
    }
}

#[test]
fn pointers() {
    extern "C" fn double(number: u32) -> u32 {
        2 * number
    }
    extern "C" fn larger(one: &'static u32, other: &'static u32) -> &'static u32 {
        one.max(other)
    }
    let echo = echo::<dyn Pointers>();
    assert_eq!(echo.apply(double, 4), 8);
    assert_eq!(echo.by_alias(double)(4), 8);
    assert_eq!(echo.forever(larger), 2);
    let byte = 1_u8;
    assert_eq!(echo.address(&raw const byte), &raw const byte);
}
