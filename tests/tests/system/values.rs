//! The standard library's types, to a plugin and back: what arrives, what is borrowed, and who drops it.

use std::{
    borrow::Cow,
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    error::Error,
    ffi::{CString, OsString},
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6},
    ops::Bound,
    os::unix::ffi::OsStringExt as _,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering::SeqCst},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use integration::Stage;
use plugin_core::{
    StableError,
    abi::{AnySyncValue, AnyValue, RString},
};
use plugin_host::{Plugin, Root};
use values_api::{Echo, Errors, Iterators, JOBS_DROPPED, Job, Known, Values};

use crate::fixture;

/// The plugin, from a file of its own: a library of its own, with its own counters.
fn plugin() -> Plugin {
    let stage = Stage::with(&fixture("values"));
    stage.host().open("values").unwrap()
}

fn panic_of<R>(call: impl FnOnce() -> R) -> String {
    *catch_unwind(AssertUnwindSafe(call)).err().unwrap().downcast().unwrap()
}

/// Each value, to the plugin and back.
macro_rules! same {
    ($echo:expr; $($method:ident: $($value:expr),+;)+) => {$($({
        let value = $value;
        assert_eq!($echo.$method(value.clone()), value, stringify!($method));
    })+)+};
}

#[test]
fn values_come_back_as_they_left() {
    let echo = plugin().root::<dyn Echo>().unwrap();
    let bytes = OsString::from_vec((1..=255).collect());
    let nano = Duration::from_nanos(1);
    let (first, last) = (Duration::new(1 << 63, 0), Duration::new(i64::MAX as u64, 999_999_999));
    same! { echo;
        map: HashMap::new(), (0..500).map(|key| (key.to_string(), vec![1; key])).collect::<HashMap<_, _>>();
        tree: BTreeMap::from([(2, None), (1, Some("one".to_owned()))]);
        set: HashSet::from(["a".to_owned(), String::new()]);
        tree_set: BTreeSet::from(['z', 'a']);
        queue: VecDeque::from(["a".to_owned(), "b".to_owned()]);
        nested: None, Some(vec![HashMap::from([(PathBuf::from("/a"), BTreeSet::from([3, 1]))]), HashMap::new()]);
        boxed_text: Box::<str>::from("wörld"), Box::<str>::from("");
        boxed: Box::<[String]>::from(["a".to_owned(), String::new()]);
        shared_text: Arc::<str>::from("wörld");
        shared: Arc::<[u32]>::from([1, 2, 3]);
        cow: Cow::Borrowed("a"), Cow::<str>::Owned("b".to_owned());
        cow_slice: Cow::Borrowed(&[1][..]), Cow::<[u8]>::Owned(vec![2]);
        path: PathBuf::from(bytes.clone()), PathBuf::new();
        os: bytes.clone();
        c: CString::default(), c"a\xff".to_owned();
        paths: Some(vec![PathBuf::from(bytes.clone()), PathBuf::from("/a/b")]), None;
        time: UNIX_EPOCH, UNIX_EPOCH + nano, UNIX_EPOCH - nano, UNIX_EPOCH - Duration::new(1 << 40, 1),
            SystemTime::now(), UNIX_EPOCH.checked_sub(first).unwrap(), UNIX_EPOCH.checked_add(last).unwrap();
        range: 1..u64::MAX, std::ops::Range { start: 2, end: 1 };
        inclusive: i8::MIN..=i8::MAX;
        from: "a".to_owned()..;
        to: ..u128::MAX;
        full: ..;
        bound: Bound::Unbounded, Bound::Included("a".to_owned()), Bound::Excluded("b".to_owned());
        ordering: Ordering::Less, Ordering::Equal, Ordering::Greater;
        wide: vec![u128::MAX, 1 << 64, 0];
        signed: i128::MIN;
        ip: IpAddr::from([1, 2, 3, 4]), IpAddr::from([1; 16]);
        socket: SocketAddr::from(([1, 2, 3, 4], 5)),
            SocketAddr::from(SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, u32::MAX, 7));
    }
}

#[test]
fn what_is_borrowed_stays_where_it_is() {
    let echo = plugin().root::<dyn Echo>().unwrap();
    let (one, other) = (PathBuf::from(OsString::from_vec(vec![0xff; 9])), Path::new("shorter"));
    assert!(std::ptr::eq(echo.longer(&one, other), one.as_path()));
    let text = c"abc";
    let rest = echo.rest(text);
    assert_eq!((rest, rest.as_ptr()), (c"bc", text.as_ptr().wrapping_add(1)));
    assert!(echo.is_own("own".as_ref()) && !echo.is_own("other".as_ref()));
    let text = "unchanged".to_owned();
    assert!(matches!(echo.trimmed((&*text).into()), Cow::Borrowed(same) if std::ptr::eq(same, &*text)));
    assert!(matches!(echo.trimmed(" a ".into()), Cow::Owned(trimmed) if trimmed == "a"));
    assert_eq!(echo.largest(&[1, u128::MAX, 1 << 100]), u128::MAX);
}

#[test]
fn errors_of_input_and_output_keep_what_they_say() {
    let echo = plugin().root::<dyn Echo>().unwrap();
    let cases = [
        io::Error::from_raw_os_error(13),
        io::Error::from(io::ErrorKind::DirectoryNotEmpty),
        io::Error::new(io::ErrorKind::InvalidData, "not a picture"),
        io::Read::read_exact(&mut io::empty(), &mut [0]).unwrap_err(),
    ];
    for sent in cases {
        let (kind, code, text) = (sent.kind(), sent.raw_os_error(), sent.to_string());
        let received = echo.io(sent);
        assert_eq!((received.kind(), received.raw_os_error(), received.to_string()), (kind, code, text));
    }
    // What this library put into one is there again.
    let error = echo.io(io::Error::other(Known::Short { length: 1 }));
    assert_eq!(error.get_ref().unwrap().downcast_ref(), Some(&Known::Short { length: 1 }));
}

#[test]
fn iterators_of_a_plugin_are_read_as_far_as_wanted_and_dropped_there() {
    let iterators = plugin().root::<dyn Iterators>().unwrap();
    let before = iterators.dropped();
    let mut count = iterators.count(1_000_000);
    assert_eq!(count.size_hint(), (0, Some(1_000_000)));
    assert_eq!(count.by_ref().take(3).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(count.size_hint(), (0, Some(999_997)));
    assert_eq!(iterators.dropped(), before);
    drop(count);
    assert_eq!(iterators.dropped(), before + 1);
    let count = iterators.count(4);
    assert_eq!(std::thread::spawn(move || count.sum::<u32>()).join().unwrap(), 6);
    assert_eq!(iterators.dropped(), before + 2);
    assert_eq!(iterators.words().collect::<Vec<_>>(), ["a", "few", "words"]);
}

#[test]
fn an_iterator_that_panics_panics_in_its_reader() {
    let iterators = plugin().root::<dyn Iterators>().unwrap();
    let mut failing = iterators.failing();
    assert_eq!(failing.next().as_deref(), Some("0"));
    assert_eq!(panic_of(|| failing.next()), "number 1 of the plugin");
    assert_eq!(failing.next().as_deref(), Some("2"));
    let armed = iterators.armed();
    assert_eq!(panic_of(|| drop(armed)), "an iterator dropped while armed");

    // The host's own, read by the plugin.
    let mut lent = (0..3).map(|number| match number {
        1 => panic!("number {number} of the host"),
        _ => number.to_string(),
    });
    assert_eq!(panic_of(|| iterators.two(&mut lent)), "number 1 of the host");
    assert_eq!(lent.next().as_deref(), Some("2"));
}

#[test]
fn iterators_of_a_host_are_read_by_a_plugin() {
    struct Counted(Arc<()>);
    impl Iterator for Counted {
        type Item = u32;
        fn next(&mut self) -> Option<u32> {
            Some(Arc::strong_count(&self.0) as u32)
        }
    }
    let iterators = plugin().root::<dyn Iterators>().unwrap();
    let mut texts = (1..).map(|number: u32| number.to_string());
    assert_eq!(iterators.two(&mut texts), ["1", "2"]);
    assert_eq!(texts.next().as_deref(), Some("3"));

    let local = [1, 2, 3];
    let there_and_back = iterators.add_one(Box::new(local.iter().copied()));
    assert_eq!(there_and_back.collect::<Vec<_>>(), [2, 3, 4]);
    // What nobody asks for is not made.
    let mut made = 0;
    let lazy = std::iter::repeat_with(|| {
        made += 1;
        made
    });
    assert_eq!(iterators.add_one(Box::new(lazy)).take(2).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(made, 2);

    let owner = Arc::new(());
    iterators.discard(Box::new(Counted(owner.clone())));
    assert_eq!(Arc::strong_count(&owner), 1);
}

fn errors() -> Root<dyn Errors> {
    plugin().root::<dyn Errors>().unwrap()
}

#[test]
fn an_error_is_shown_with_its_sources() {
    let errors = errors();
    let before = errors.alive();
    let error = errors.chain().unwrap_err();
    assert_eq!(errors.alive(), before + 3);
    assert_eq!(crate::chain(&*error), "own error 2 plainly: own error 1 plainly: own error 0 plainly");
    let texts = [format!("{error:#}"), format!("{error:?}"), format!("{error:#?}")];
    assert_eq!(texts, ["own error 2 at length", "Own { number: 2, .. }", "Own {\n    number: 2,\n    ..\n}"]);
    let source = error.source().unwrap();
    assert_eq!(
        (format!("{source:#}"), format!("{source:?}")),
        ("own error 1 at length".into(), "Own { number: 1, .. }".into())
    );
    // Threads share it, and the plugin drops it.
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(error.to_string(), "own error 2 plainly"));
        }
    });
    std::thread::spawn(move || drop(error)).join().unwrap();
    assert_eq!(errors.alive(), before);

    assert_eq!(errors.local().unwrap_err().to_string(), "invalid digit found in string");
    assert_eq!(crate::chain(&*errors.endless()).matches("and so on").count(), 1 + 64);
    assert_eq!(panic_of(|| errors.unspeakable().to_string()), "no words");
}

#[test]
fn the_question_mark_and_panics_make_errors_of_the_caller() {
    fn run(errors: &dyn Errors) -> Result<u32, Box<dyn Error + Send + Sync>> {
        errors.chain()?;
        Ok(1)
    }
    let errors = errors();
    assert_eq!(run(&*errors).unwrap_err().to_string(), "own error 2 plainly");
    let panic = errors.panic().unwrap_err();
    assert_eq!(panic.downcast_ref::<plugin_core::PluginPanic>().unwrap().message(), "in place of an error");
}

#[test]
fn an_error_is_known_at_home_by_its_type() {
    let errors = errors();
    let before = errors.alive();
    // The plugin's own, after a visit to the host.
    let visitor = errors.chain().unwrap_err();
    assert_eq!(errors.recognise(visitor), "own: 2");
    assert_eq!(errors.alive(), before);
    // The host's own, after a visit to the plugin.
    let short = || Known::Short { length: 3 };
    assert_eq!(*errors.echo(short().into()).downcast::<Known>().unwrap(), short());
    assert_eq!(*errors.echo_sendable(Box::new(short())).downcast::<Known>().unwrap(), short());
    assert_eq!(*errors.weaken(short().into()).downcast::<Known>().unwrap(), short());
    // And not elsewhere.
    assert_eq!(errors.recognise(short().into()), "foreign: 3 bytes are too few");
    // A visitor does not pile up what stands for it.
    let mut error = errors.chain().unwrap_err();
    for _ in 0..3 {
        error = errors.echo(error);
    }
    assert_eq!(errors.recognise(error), "own: 2");
    // Not even where it lost its auto traits on the way.
    let weak = errors.weaken(errors.chain().unwrap_err());
    assert_eq!(crate::chain(&*weak), "own error 2 plainly: own error 1 plainly: own error 0 plainly");
    drop(weak);
    assert_eq!(errors.alive(), before);
}

#[test]
fn an_error_of_a_stable_layout_is_known_everywhere() {
    let errors = errors();
    let nemo = Known::Nobody { name: "Nemo".into() };
    let error = errors.known(0).unwrap_err();
    assert_eq!(error.to_string(), "nobody is Nemo");
    assert_eq!(StableError::downcast_ref(&*error), Some(&nemo));
    assert!(StableError::downcast_ref::<plugin_core::PluginPanic>(&*error).is_none());
    // Among the sources, too.
    let error = errors.known(1).unwrap_err();
    assert_eq!(StableError::downcast_ref::<Known>(&*error), None);
    assert_eq!(StableError::downcast_ref(error.source().unwrap()), Some(&nemo));
    // And in the plugin, of the host's.
    let sent = StableError::new(Known::Short { length: 3 });
    assert_eq!(errors.recognise(sent.into()), "known: Short { length: 3 }");
    let returned = errors.echo(StableError::new(Known::Short { length: 4 }).into());
    assert_eq!(StableError::downcast_ref(&*returned), Some(&Known::Short { length: 4 }));
}

#[test]
fn values_of_any_type_are_told_apart_and_dropped_where_they_are() {
    let values = plugin().root::<dyn Values>().unwrap();
    let dropped = || (JOBS_DROPPED.load(SeqCst), values.dropped());
    let (host, there) = dropped();

    // Nobody takes it out: its own library drops it.
    let mut job = values.job(1);
    assert_eq!(job.type_name(), "Job");
    assert!(job.is::<Job>() && !job.is::<Known>() && job.downcast_ref::<u64>().is_none());
    job.downcast_mut::<Job>().unwrap().name = RString::from("renamed by the host");
    assert!(values.add_one(&mut job));
    assert_eq!(
        job.downcast_ref::<Job>().map(|job| (job.number, job.name.as_str())),
        Some((2, "renamed by the host"))
    );
    drop(job);
    assert_eq!(dropped(), (host, there + 1));
    // Taken out here, dropped here; and there.
    assert_eq!(values.job(3).downcast::<Job>().unwrap().number, 3);
    assert_eq!(dropped(), (host + 1, there + 1));
    let own = || AnyValue::new(Job { number: 4, name: "made by the host".into() });
    assert_eq!(values.number(own()), Some(4));
    assert_eq!(dropped(), (host + 1, there + 2));
    // There and back.
    let mut echoed =
        values.echo(HashMap::from([("job".to_owned(), own()), ("secret".to_owned(), values.secret())]));
    assert_eq!(echoed.remove("job").unwrap().downcast::<Job>().unwrap().number, 4);
    assert_eq!(values.number(echoed.remove("secret").unwrap()), Some(99));
    assert_eq!(dropped(), (host + 2, there + 2));
    let shared = values.shared(AnySyncValue::new(Job { number: 5, name: RString::new() }));
    std::thread::scope(|scope| scope.spawn(|| assert!(shared.is::<Job>())).join().unwrap());
    drop(shared);
    assert_eq!(dropped(), (host + 3, there + 2));
    assert!(values.number(AnyValue::new(1_u8)).is_none());
}
