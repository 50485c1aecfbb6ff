//! What holds of a plugin however it came into the process: loaded from a file, or linked into the program.
//!
//! Each body is a test of both: `tests/system/either_way.rs` runs them on loaded plugins, `tests/linked` on linked ones. Each
//! has a process of its own, because a linked plugin has one set of statics in it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use codec_api::{Codec, CodecError};
use objects_api::{Named, Passing};
use plugin_host::{Host, LookupError, OpenError, Plugin, RootError, ShutdownError, SymbolKind, symbol};

use crate::Child;

/// Time enough for a thread of a plugin to end.
const LONG: Duration = Duration::from_secs(5);

/// The bodies, by name, each with the plugins that it needs; for a macro that makes tests of them.
#[macro_export]
macro_rules! either_way {
    ($test:path) => {
        $test!(statics_and_functions_are_found_by_name_and_type, "lifecycle");
        $test!(three_mistakes_three_errors, "lifecycle");
        $test!(shutdown_runs_once_and_when_asked, "lifecycle");
        $test!(what_a_plugin_lacks_is_refused, "lifecycle");
        $test!(a_panic_goes_on_in_the_host_or_is_an_error, "lifecycle", "objects");
        $test!(a_start_runs_once_and_in_order, "starting");
        $test!(a_loan_is_not_a_reference, "starting");
        $test!(objects_go_both_ways, "objects");
        $test!(a_variable_and_a_function_as_in_go, "greeter");
        $test!(buffers_are_compressed, "codec-lz4");
        $test!(another_interface_is_refused_before_anything_runs, "codec-drifted");
        $test!(a_record_is_logged_once, "logs-log");
        $test!(several_plugins_do_not_disturb_each_other, "lifecycle", "starting", "objects", "greeter");
    };
}

/// Runs a body in a process of its own, with the host that `host` makes there, and what that needs as long as it is used.
#[track_caller]
pub fn in_child<T>(test: &'static str, body: fn(&Host), host: impl FnOnce() -> (Host, T)) {
    Child::of(test).passes(|| {
        let (host, _needed) = host();
        body(&host);
    });
}

fn open(host: &Host, plugin: &str) -> Plugin {
    host.open(plugin).unwrap()
}

/// Fixture `lifecycle`.
pub fn statics_and_functions_are_found_by_name_and_type(host: &Host) {
    let plugin = open(host, "lifecycle");
    assert_eq!(plugin.lookup::<AtomicU32>("STARTED").unwrap().load(SeqCst), 1);
    assert_eq!(plugin.lookup_fn::<fn(u32, u64) -> u64>("add").unwrap().call(40, 2), 42);
    let longer = symbol!(plugin, longer: for<'a> fn(left: &'a str, right: &'a str) -> &'a str).unwrap();
    let text = String::from("longer");
    assert_eq!(longer("short", &text), "longer");
    let symbols: Vec<_> = plugin.symbols().map(|symbol| format!("{}: {}", symbol.name, symbol.ty)).collect();
    assert_eq!(
        symbols,
        [
            "add: fn(u32, u64) -> u64",
            "longer: fn(&str, &str) -> &str",
            "explode: fn(&str) -> u32",
            "STARTED: AtomicU32",
            "STOPPED: AtomicU32",
        ]
    );
}

/// Fixture `lifecycle`.
pub fn three_mistakes_three_errors(host: &Host) {
    let plugin = open(host, "lifecycle");

    let error = plugin.lookup::<AtomicI64>("STARTED").unwrap_err();
    let LookupError::WrongType { expected, found, .. } = &error else { panic!("{error:?}") };
    assert_eq!((expected.as_str(), found.as_str()), ("AtomicI64", "AtomicU32"));

    let error = plugin.lookup::<AtomicI64>("add").unwrap_err();
    let LookupError::WrongKind { expected, found, ty, .. } = &error else { panic!("{error:?}") };
    assert_eq!(
        (*expected, *found, ty.as_str()),
        (SymbolKind::Static, SymbolKind::Function, "fn(u32, u64) -> u64")
    );

    let error = plugin.lookup::<AtomicU32>("STARTD").unwrap_err();
    assert!(matches!(error, LookupError::Missing { .. }), "{error:?}");
    assert_eq!(error.suggestion(), Some("STARTED"));
    assert_eq!(
        error.to_string(),
        "plugin lifecycle 0.1.0 exports no `STARTD`; did you mean `STARTED`? It exports: add, longer, explode, STARTED, STOPPED"
    );
}

/// Fixture `lifecycle`.
pub fn shutdown_runs_once_and_when_asked(host: &Host) {
    let plugin = open(host, "lifecycle");
    let stopped = plugin.lookup::<AtomicU32>("STOPPED").unwrap();
    assert_eq!(stopped.load(SeqCst), 0);
    plugin.shutdown(LONG).unwrap();
    assert_eq!(stopped.load(SeqCst), 1);
    assert!(matches!(plugin.shutdown(LONG), Err(ShutdownError::Twice { .. })));
    assert!(matches!(plugin.root::<dyn probe_api::Named>(), Err(RootError::ShutDown { .. })));
    assert_eq!(stopped.load(SeqCst), 1);
}

/// Fixture `lifecycle`.
pub fn what_a_plugin_lacks_is_refused(host: &Host) {
    let plugin = open(host, "lifecycle");
    let error = plugin.root::<dyn probe_api::Probe>().unwrap_err();
    assert!(
        error.to_string().contains("expected probe_api::Probe 1.1.0, found probe_api::Named 1.1.0"),
        "{error}"
    );
    assert!(matches!(host.open_root::<dyn probe_api::Probe>("lifecycle"), Err(OpenError::Refused(_))));
    assert_eq!(probe_api::Named::name(&*plugin.root::<dyn probe_api::Named>().unwrap()), "alive");
}

/// Fixtures `lifecycle` and `objects`. Where a panic happened, a linked plugin does not say by itself: the panic hook is
/// the program's.
pub fn a_panic_goes_on_in_the_host_or_is_an_error(host: &Host) {
    let plugin = open(host, "lifecycle");
    let explode = symbol!(plugin, explode: fn(message: &str) -> u32).unwrap();
    let message = *catch_unwind(|| explode("boom")).unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "boom");
    let panic =
        plugin.lookup_fn::<fn(&'static str) -> u32>("explode").unwrap().try_call("out of luck").unwrap_err();
    assert_eq!(panic.message(), "out of luck");
    assert_eq!(panic.location().is_some(), !plugin.is_linked());

    let objects = open(host, "objects").root::<dyn Passing>().unwrap();
    let own = Own::new("a");
    let panic = catch_unwind(AssertUnwindSafe(|| objects.panic(&own))).unwrap_err();
    assert_eq!(*panic.downcast::<String>().unwrap(), "at a");
    // And the plugins go on.
    assert_eq!(objects.read(&own), "aa");
    assert_eq!(plugin.lookup_fn::<fn(u32, u64) -> u64>("add").unwrap().call(1, 2), 3);
}

/// Fixture `starting`.
pub fn a_start_runs_once_and_in_order(host: &Host) {
    let history = |plugin: &Plugin| plugin.lookup_fn::<fn() -> Vec<String>>("history").unwrap().call();
    let first = open(host, "starting");
    assert_eq!(history(&first), ["init", "first made"]);
    let second = open(&host.clone().expecting::<dyn probe_api::Named>(), "starting");
    assert_eq!(second, first);
    assert_eq!(history(&second), ["init", "first made"]);
    first.shutdown(LONG).unwrap();
    second.shutdown(LONG).unwrap();
    assert_eq!(history(&first), ["init", "first made", "shutdown"]);
}

/// Fixture `starting`.
pub fn a_loan_is_not_a_reference(host: &Host) {
    let plugin = open(host, "starting");
    // A vector that is moved to the other side for a call must not get to a function that keeps what it is given.
    assert!(plugin.lookup_fn::<fn(&'static mut Vec<u64>) -> usize>("keep").is_err());
    let mut values = vec![0];
    symbol!(plugin, grow: fn(values: &mut Vec<u64>)).unwrap()(&mut values);
    assert_eq!(values, [0, 1]);
    values.extend(0..1000);
}

/// An object of the host.
struct Own(String);

static ALIVE: AtomicU64 = AtomicU64::new(0);

impl Own {
    fn new(name: &str) -> Self {
        ALIVE.fetch_add(1, SeqCst);
        Self(name.to_owned())
    }
}

impl Named for Own {
    fn name(&self) -> String {
        self.0.clone()
    }

    fn rename(&mut self, name: &str) {
        name.clone_into(&mut self.0);
    }

    fn into_name(self: Box<Self>) -> String {
        self.0.clone()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, SeqCst);
    }
}

/// Fixture `objects`.
pub fn objects_go_both_ways(host: &Host) {
    let plugin = open(host, "objects");
    let passing = plugin.root::<dyn Passing>().unwrap();

    let mut lent = Own::new("a");
    assert_eq!(passing.read(&lent), "aa");
    passing.change(&mut lent);
    assert_eq!(lent.name(), "changed");
    drop(lent);

    let own: Arc<dyn Named> = Arc::new(Own::new("b"));
    let back = passing.shared(Arc::clone(&own));
    assert!(Arc::ptr_eq(&own, &back), "what comes home is the object itself");
    let boxed = passing.boxed(Box::new(Own::new("c")));
    assert_eq!((boxed.name(), passing.consume(boxed)), ("c".to_owned(), "c".to_owned()));

    let mut keeper = plugin.instantiate::<dyn Passing>().unwrap();
    keeper.keep(Arc::clone(&own));
    assert_eq!(Arc::strong_count(&own), 3);
    assert_eq!(keeper.finish(), 1);
    drop((own, back));
    assert_eq!(ALIVE.load(SeqCst), 0);

    let made = passing.make("d");
    let shared = passing.share("e");
    assert_eq!((made.name(), shared.twice(), passing.alive()), ("d".to_owned(), "ee".to_owned(), 2));
    drop((made, shared));
    assert_eq!(passing.alive(), 0);
}

/// Sample `greeter`.
pub fn a_variable_and_a_function_as_in_go(host: &Host) {
    let plugin = open(host, "greeter");
    plugin.lookup::<AtomicI64>("V").unwrap().store(7, SeqCst);
    plugin.lookup_fn::<fn()>("f").unwrap().call();
    assert_eq!(symbol!(plugin, greet: fn(name: &str) -> String).unwrap()("world"), "Hello, world");
}

/// Sample `codec-lz4`.
pub fn buffers_are_compressed(host: &Host) {
    let codec = host.clone().expecting::<dyn Codec>().open_root::<dyn Codec>("codec-lz4").unwrap();
    let input = b"some bytes, some bytes, some bytes, some bytes, some bytes, some bytes".as_slice();
    let packed = codec.compress(input).unwrap();
    assert!(packed.len() < input.len());
    assert_eq!(codec.decompress(&packed).unwrap().as_slice(), input);
    assert!(matches!(codec.decompress(b"garbage"), Err(CodecError::Corrupt { .. })));
}

/// Sample `codec-drifted`.
pub fn another_interface_is_refused_before_anything_runs(host: &Host) {
    let refusal = |error| match error {
        OpenError::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    };
    for error in [
        host.open_root::<dyn Codec>("codec-drifted").unwrap_err(),
        host.clone().expecting::<dyn Codec>().open("codec-drifted").unwrap_err(),
        host.clone().expecting::<dyn Codec>().verify("codec-drifted").unwrap_err(),
    ] {
        let refusal = refusal(error);
        assert_eq!(refusal.plugin, "codec-drifted 0.1.0");
        let lines: Vec<_> = refusal.mismatches().iter().map(ToString::to_string).collect();
        assert!(
            lines.iter().any(|line| line == "Codec::compress → argument input: expected &[u8], found &str"),
            "{lines:?}"
        );
    }
    assert!(!host.verify("codec-drifted").unwrap().path().as_os_str().is_empty());
}

static RECORDS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        RECORDS.lock().unwrap().push(format!("{} {}", record.level(), record.args()));
    }

    fn flush(&self) {}
}

/// Fixture `logs-log`.
pub fn a_record_is_logged_once(host: &Host) {
    log::set_logger(&Logger).unwrap();
    log::set_max_level(log::LevelFilter::Info);
    let plugin = open(host, "logs-log");
    let taken = || std::mem::take(&mut *RECORDS.lock().unwrap());
    assert_eq!(taken(), ["INFO starting"]);
    plugin.lookup_fn::<fn()>("levels").unwrap().call();
    assert_eq!(taken(), ["ERROR an error", "WARN a warning", "INFO an information"]);
    log::set_max_level(log::LevelFilter::Error);
    plugin_host::refresh_log_levels();
    plugin.lookup_fn::<fn()>("levels").unwrap().call();
    assert_eq!(taken(), ["ERROR an error"]);
    // A panic of a loaded plugin is an error in the log; one of a linked plugin is its program's panic hook's.
    let explode = plugin.lookup_fn::<fn(&'static str)>("explode").unwrap();
    assert_eq!(explode.try_call("boom").unwrap_err().message(), "boom");
    assert_eq!(taken().len(), usize::from(!plugin.is_linked()));
}

/// Fixtures `lifecycle`, `starting` and `objects`, sample `greeter`.
pub fn several_plugins_do_not_disturb_each_other(host: &Host) {
    let plugins = ["lifecycle", "starting", "objects", "greeter"].map(|name| open(host, name));
    for (index, plugin) in plugins.iter().enumerate() {
        assert!(plugins.iter().skip(index + 1).all(|other| other != plugin));
        assert!(Path::exists(plugin.path()));
    }
    let names: Vec<_> = plugins.iter().map(Plugin::name).collect();
    assert_eq!(names, ["lifecycle", "starting", "objects", "greeter"]);
    let [lifecycle, starting, objects, greeter] = &plugins;
    starting.shutdown(LONG).unwrap();
    assert_eq!(probe_api::Named::name(&*lifecycle.root::<dyn probe_api::Named>().unwrap()), "alive");
    assert!(matches!(starting.root::<dyn probe_api::Named>(), Err(RootError::ShutDown { .. })));
    assert_eq!(objects.root::<dyn Passing>().unwrap().make("a").name(), "a");
    assert!(greeter.lookup::<AtomicI64>("V").is_ok());
}
