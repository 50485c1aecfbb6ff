//! Types of the standard library that are converted when they cross.

use std::{
    borrow::Cow,
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    ffi::{CStr, CString, OsStr, OsString},
    hash::{BuildHasherDefault, DefaultHasher},
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6},
    ops::{Bound, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use plugin_core::{Instance, plugin_interface};

use crate::values::{echo, echoes};

type Plain = BuildHasherDefault<DefaultHasher>;

echoes!(Collections:
    map = HashMap<String, Vec<u8>>, hashed = HashMap<u8, char, Plain>, tree = BTreeMap<(u8, String), Option<u8>>,
    set = HashSet<String>, hashed_set = HashSet<i128, Plain>, tree_set = BTreeSet<Vec<u8>>,
    queue = VecDeque<String>, numbers = VecDeque<u128>, maps = Vec<HashMap<u8, BTreeMap<u8, HashSet<u8>>>>,
    optional = Option<HashMap<PathBuf, SystemTime>>, fallible = Result<BTreeSet<u8>, VecDeque<u8>>,
);

echoes!(Pointees:
    text = Box<str>, texts = Box<[String]>, bytes = Box<[u8]>, shared = Arc<str>, shared_texts = Arc<[String]>,
    shared_bytes = Arc<[u8]>, nested = Vec<Option<Arc<str>>>, boxes = Box<[Box<[Box<str>]>]>,
    cow = Cow<'static, str>, slice = Cow<'static, [u8]>,
);

echoes!(Texts:
    path = PathBuf, os = OsString, c = CString, paths = Option<Vec<PathBuf>>, by_os = HashMap<OsString, CString>,
);

echoes!(Ranges:
    range = Range<u64>, inclusive = RangeInclusive<i8>, from = RangeFrom<String>, to = RangeTo<char>,
    to_inclusive = RangeToInclusive<u128>, full = RangeFull, bound = Bound<String>,
    bounds = (Bound<u8>, Bound<u8>), ranges = Vec<Range<usize>>,
);

echoes!(Others:
    time = SystemTime, times = Vec<SystemTime>, ordering = Ordering, orderings = Vec<Ordering>, v4 = Ipv4Addr,
    v6 = Ipv6Addr, ip = IpAddr, socket_v4 = SocketAddrV4, socket_v6 = SocketAddrV6, socket = SocketAddr,
    wide = Vec<u128>, signed = Option<i128>, io = io::Error, result = io::Result<usize>,
);

/// Each value, sent and returned.
macro_rules! same {
    ($echo:expr; $($method:ident: $($value:expr),+;)+) => {$($({
        let value = $value;
        assert_eq!($echo.$method(value.clone()), value, stringify!($method));
    })+)+};
}

#[test]
fn collections() {
    let echo = echo::<dyn Collections>();
    same! { echo;
        map: HashMap::new(), HashMap::from([("a".to_owned(), vec![1, 2]), (String::new(), vec![])]);
        hashed: (0..100).map(|key| (key, char::from(key))).collect::<HashMap<_, _, Plain>>();
        tree: BTreeMap::from([((1, "a".to_owned()), None), ((0, "b".to_owned()), Some(1))]);
        set: HashSet::from(["a".to_owned(), "b".to_owned()]);
        hashed_set: [i128::MIN, i128::MAX].into_iter().collect::<HashSet<_, Plain>>();
        tree_set: BTreeSet::from([vec![], vec![1], vec![0, 1]]);
        queue: VecDeque::from(["a".to_owned(), "b".to_owned()]);
        maps: vec![HashMap::from([(1, BTreeMap::from([(2, HashSet::from([3]))]))]), HashMap::new()];
        optional: None, Some(HashMap::from([(PathBuf::from("/a"), UNIX_EPOCH)]));
        fallible: Ok(BTreeSet::from([1])), Err(VecDeque::from([2, 1]));
    }
    let mut wrapped = VecDeque::from([2, 3]);
    wrapped.push_front(1);
    assert_eq!(echo.numbers(wrapped), [1, 2, 3]);
}

#[test]
fn what_is_in_a_box_an_arc_or_a_cow() {
    let echo = echo::<dyn Pointees>();
    same! { echo;
        text: Box::<str>::from("wörld"), Box::<str>::from("");
        texts: Box::<[String]>::from(["a".to_owned(), String::new()]);
        bytes: Box::<[u8]>::from([1, 2, 3]), Box::<[u8]>::from([]);
        shared: Arc::<str>::from("wörld");
        shared_texts: Arc::<[String]>::from(["a".to_owned()]);
        shared_bytes: Arc::<[u8]>::from([1, 2, 3]);
        nested: vec![None, Some(Arc::<str>::from("a"))];
        boxes: Box::<[Box<[Box<str>]>]>::from([Box::<[Box<str>]>::from([Box::<str>::from("a")])]);
        cow: Cow::Borrowed("a"), Cow::<str>::Owned("b".to_owned());
        slice: Cow::Borrowed(&[1][..]), Cow::<[u8]>::Owned(vec![2]);
    }
    let (text, bytes) = ("borrowed", [1, 2]);
    assert!(matches!(echo.cow(Cow::Borrowed(text)), Cow::Borrowed(same) if std::ptr::eq(same, text)));
    assert!(matches!(echo.cow(Cow::Owned(text.into())), Cow::Owned(_)));
    assert!(matches!(echo.slice(Cow::Owned(bytes.into())), Cow::Owned(_)));
}

#[test]
fn paths_and_other_text() {
    let echo = echo::<dyn Texts>();
    same! { echo;
        path: PathBuf::new(), PathBuf::from("/a/b");
        os: OsString::from("wörld");
        c: CString::default(), c"a\xff".to_owned();
        paths: None, Some(vec![PathBuf::from("a"), PathBuf::from("b")]);
        by_os: HashMap::from([(OsString::from("a"), c"b".to_owned())]);
    }
}

#[test]
#[cfg(unix)]
fn paths_that_are_not_utf_8() {
    use std::os::unix::ffi::OsStringExt as _;
    let echo = echo::<dyn Texts>();
    let bytes = OsString::from_vec((0..=255).collect());
    same! { echo;
        path: PathBuf::from(bytes.clone());
        os: bytes;
    }
}

#[test]
fn ranges() {
    let echo = echo::<dyn Ranges>();
    same! { echo;
        range: 1..u64::MAX, Range { start: 2, end: 1 };
        inclusive: i8::MIN..=i8::MAX;
        from: "a".to_owned()..;
        to: ..'z';
        to_inclusive: ..=u128::MAX;
        full: ..;
        bound: Bound::Unbounded, Bound::Included("a".to_owned()), Bound::Excluded("b".to_owned());
        bounds: (Bound::Included(1), Bound::Excluded(2));
        ranges: vec![0..1, Range { start: 5, end: 3 }];
    }
}

#[test]
fn times_orders_and_addresses() {
    let echo = echo::<dyn Others>();
    let nano = Duration::from_nanos(1);
    let (first, last) = (Duration::new(1 << 63, 0), Duration::new(i64::MAX as u64, 999_999_999));
    let scoped = SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, u32::MAX, 7);
    same! { echo;
        time: UNIX_EPOCH, UNIX_EPOCH + nano, UNIX_EPOCH - nano, UNIX_EPOCH - Duration::from_secs(1),
            UNIX_EPOCH - Duration::new(1, 1), SystemTime::now();
        times: [UNIX_EPOCH.checked_sub(first), UNIX_EPOCH.checked_add(last)].into_iter().flatten().collect::<Vec<_>>();
        ordering: Ordering::Less, Ordering::Equal, Ordering::Greater;
        orderings: vec![Ordering::Greater, Ordering::Less];
        v4: Ipv4Addr::new(10, 1, 2, 3);
        v6: Ipv6Addr::new(1, 2, 3, 4, 5, 6, 7, 8);
        ip: IpAddr::from([1, 2, 3, 4]), IpAddr::from([1; 16]);
        socket_v4: SocketAddrV4::new(Ipv4Addr::BROADCAST, u16::MAX);
        socket_v6: scoped;
        socket: SocketAddr::from(([1, 2, 3, 4], 5)), SocketAddr::from(scoped);
        wide: vec![u128::MAX, 1 << 64, 0];
        signed: Some(i128::MIN), None;
    }
    // The whole range of this platform is there: neither end was left out above.
    #[cfg(target_os = "linux")]
    assert_eq!([UNIX_EPOCH.checked_sub(first), UNIX_EPOCH.checked_add(last)].iter().flatten().count(), 2);
}

#[test]
fn errors_of_input_and_output() {
    let echo = echo::<dyn Others>();
    let missing = io::Error::from_raw_os_error(2);
    let cases = [
        io::Error::from_raw_os_error(2),
        io::Error::from(io::ErrorKind::TimedOut),
        io::Error::new(io::ErrorKind::InvalidData, "not a picture"),
        io::Error::other("another"),
        // Has a text of its own, which no constructor of the standard library gives back.
        io::Read::read_exact(&mut io::empty(), &mut [0]).unwrap_err(),
    ];
    for sent in cases {
        let (kind, code, text) = (sent.kind(), sent.raw_os_error(), sent.to_string());
        let received = echo.io(sent);
        assert_eq!((received.kind(), received.raw_os_error(), received.to_string()), (kind, code, text));
    }
    let wrapped = echo.io(io::Error::other(missing));
    let inner = wrapped.get_ref().unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(inner.raw_os_error(), Some(2));
    assert_eq!(echo.result(Ok(1)).unwrap(), 1);
    assert_eq!(echo.result(Err(io::ErrorKind::NotFound.into())).unwrap_err().kind(), io::ErrorKind::NotFound);
}

/// What is borrowed, in both directions.
#[plugin_interface]
pub(crate) trait Lends {
    fn path(&self, path: &Path) -> &Path;
    fn os(&self, text: &OsStr) -> &OsStr;
    fn c(&self, text: &CStr) -> &CStr;
    fn shout<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str>;
    fn sorted<'a>(&self, numbers: &'a [u32]) -> Cow<'a, [u32]>;
    fn by_name<'a>(&self, names: HashMap<&'a str, &'a Path>) -> Vec<&'a Path>;
    fn orderings(&self, orderings: &[Ordering]) -> usize;
}

struct Lender(OsString, CString);

impl Lends for Lender {
    fn path(&self, path: &Path) -> &Path {
        assert_eq!(path, Path::new("sent"));
        Path::new(&self.0)
    }
    fn os(&self, text: &OsStr) -> &OsStr {
        assert_eq!(text, "sent");
        &self.0
    }
    fn c(&self, text: &CStr) -> &CStr {
        assert_eq!(text, c"sent");
        &self.1
    }
    fn shout<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        if text.chars().any(char::is_lowercase) { text.to_uppercase().into() } else { text }
    }
    fn sorted<'a>(&self, numbers: &'a [u32]) -> Cow<'a, [u32]> {
        if numbers.is_sorted() {
            return numbers.into();
        }
        let mut owned = numbers.to_vec();
        owned.sort_unstable();
        owned.into()
    }
    fn by_name<'a>(&self, names: HashMap<&'a str, &'a Path>) -> Vec<&'a Path> {
        let sorted: BTreeMap<_, _> = names.into_iter().collect();
        sorted.into_values().collect()
    }
    fn orderings(&self, orderings: &[Ordering]) -> usize {
        orderings.iter().filter(|ordering| ordering.is_lt()).count()
    }
}

#[test]
fn borrowed_both_ways() {
    let lender = Instance::<dyn Lends>::new(Lender("own".into(), c"own".into()));
    assert_eq!(lender.path(Path::new("sent")), Path::new("own"));
    assert_eq!(lender.os("sent".as_ref()), "own");
    assert_eq!(lender.c(c"sent"), c"own");
    assert!(matches!(lender.shout("LOUD".into()), Cow::Borrowed("LOUD")));
    assert!(matches!(lender.shout("soft".into()), Cow::Owned(text) if text == "SOFT"));
    let numbers = [1, 2];
    assert!(matches!(lender.sorted(&numbers), Cow::Borrowed(same) if std::ptr::eq(same, &raw const numbers)));
    assert!(matches!(lender.sorted(&[2, 1]), Cow::Owned(sorted) if sorted == [1, 2]));
    let names = HashMap::from([("b", Path::new("2")), ("a", Path::new("1"))]);
    assert_eq!(lender.by_name(names), [Path::new("1"), Path::new("2")]);
    assert_eq!(lender.orderings(&[Ordering::Less, Ordering::Greater]), 1);
}
