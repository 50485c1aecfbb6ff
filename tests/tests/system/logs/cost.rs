//! What is off is decided in the plugin: the host's functions are not called.

use std::{
    hint::black_box,
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    time::{Duration, Instant},
};

use integration::built_alone;
use libloading::Library;
use plugin_core::{
    RootModule,
    abi::RStr,
    logs::{
        ALWAYS, Callsite, CallsiteRecord, CurrentSpan, Fields, LogRecord, LogSink, LogTable, NEVER,
        PanicRecord, Parent, TraceTable,
    },
};
use plugin_host::Inspected;

use super::alone;

/// How often the plugin called, and what it is told.
static CALLS: AtomicU32 = AtomicU32::new(0);
static LEVEL: AtomicU32 = AtomicU32::new(0);

fn count() {
    CALLS.fetch_add(1, SeqCst);
}

extern "C" fn max_level() -> u32 {
    LEVEL.load(SeqCst)
}

extern "C" fn enabled(_: u32, _: RStr<'_>) -> bool {
    count();
    true
}

extern "C" fn log(_: &LogRecord<'_>) {
    count();
}

extern "C" fn panic(_: &PanicRecord<'_>) -> bool {
    false
}

extern "C" fn register(_: &CallsiteRecord<'_>) -> Callsite {
    count();
    Callsite(std::ptr::null())
}

unsafe extern "C" fn interest(_: Callsite) -> u32 {
    count();
    if LEVEL.load(SeqCst) < 4 { NEVER } else { ALWAYS }
}

unsafe extern "C" fn is_enabled(_: Callsite) -> bool {
    count();
    false
}

unsafe extern "C" fn event(_: Callsite, _: Parent, _: &Fields<'_>) {
    count();
}

unsafe extern "C" fn new_span(_: Callsite, _: Parent, _: &Fields<'_>) -> u64 {
    0
}

extern "C" fn current_span(_: usize) -> CurrentSpan {
    CurrentSpan { span: 0, plugin: 0 }
}

extern "C" fn record(_: u64, _: &Fields<'_>) {}
extern "C" fn two(_: u64, _: u64) {}
extern "C" fn one(_: u64) {}
extern "C" fn close(_: u64) -> bool {
    true
}
extern "C" fn flush() {}

static LOG: LogTable = LogTable { max_level, enabled, log, flush };
static TRACING: TraceTable = TraceTable {
    register,
    interest,
    enabled: is_enabled,
    event,
    new_span,
    record,
    follows_from: two,
    enter: one,
    exit: one,
    current_span,
    clone_span: one,
    try_close: close,
};

/// Loads a fixture without a host and connects it; lets it be asked for levels, and chatter so many times.
fn connected(package: &str) -> (extern "C" fn(), extern "C" fn(u32)) {
    let sink = Box::leak(Box::new(LogSink::new("counted", panic, Some(&LOG), Some(&TRACING))));
    let file = built_alone(package);
    let inspected = Inspected::read(&file).unwrap();
    let root = inspected.descriptor().unwrap().root_symbol;
    // SAFETY: a fixture of these tests; its symbols have the types that it declares, and it is never unmapped.
    unsafe {
        let library = Box::leak(Box::new(Library::new(file).unwrap()));
        let root: &RootModule = *library.get::<&RootModule>(root.as_bytes()).unwrap();
        let connection = (root.connect_logs().unwrap())(sink);
        assert!(connection.is_taken);
        let again = (root.connect_logs().unwrap())(sink);
        assert!(!again.is_taken, "the first connection holds");
        (connection.refresh, *library.get::<extern "C" fn(u32)>(b"chatter").unwrap())
    }
}

fn check(package: &str, registrations: u32, calls_per_record: u32) {
    LEVEL.store(3, SeqCst);
    let (refresh, chatter) = connected(package);
    chatter(1);
    assert_eq!(CALLS.swap(0, SeqCst), registrations);
    chatter(10_000);
    assert_eq!(CALLS.swap(0, SeqCst), 0, "{package}");

    let start = Instant::now();
    chatter(black_box(10_000_000));
    let each: Duration = start.elapsed() / 10_000;
    println!("{package}: a disabled record takes {} ps", each.as_nanos());

    LEVEL.store(4, SeqCst);
    refresh();
    CALLS.store(0, SeqCst);
    chatter(10);
    assert_eq!(CALLS.swap(0, SeqCst), 10 * calls_per_record, "{package}");
    LEVEL.store(3, SeqCst);
    refresh();
    CALLS.store(0, SeqCst);
    chatter(10);
    assert_eq!(CALLS.swap(0, SeqCst), 0, "{package}");
}

#[test]
fn a_disabled_record_of_log_calls_nothing() {
    alone("logs::cost::a_disabled_record_of_log_calls_nothing", &[], || {
        check("logs-log", 0, 2);
    });
}

#[test]
fn a_disabled_event_of_tracing_calls_nothing() {
    alone("logs::cost::a_disabled_event_of_tracing_calls_nothing", &[], || {
        // The call site is made known, and its interest asked for, when it is reached first.
        check("logs-tracing", 2, 1);
    });
}
