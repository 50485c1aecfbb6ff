//! How what a plugin logs reaches its host.
//!
//! A plugin has its own copies of the crates `log` and `tracing`, and so a logger and a subscriber that nobody set. With
//! the features `log` and `tracing` of this crate, a host hands the plugin a [`LogSink`] before anything else of it
//! runs, and the plugin's logger and subscriber become forwarders to it. Records cross as plain data: texts and numbers.
//!
//! Levels are cached where a disabled record is decided in any program: the plugin's `log::max_level()`, and the interest
//! of each of its call sites. The host sets both.

#[cfg(feature = "log")]
mod from_log;
#[cfg(feature = "tracing")]
mod from_tracing;
mod records;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::OnceLock,
    thread,
};

pub use records::{FieldValue, Fields, Text, Value, Wide};

use crate::{
    abi::{ROption, RSlice, RStr},
    guard::{Origin, discard},
    home::LIBRARY,
};

/// Where a plugin's logs go: functions of the host. None of them unwinds, and any thread may call them.
#[repr(C)]
pub struct LogSink {
    /// The address of [`LIBRARY`] in the host.
    library: &'static u8,
    plugin: RStr<'static>,
    panic: extern "C" fn(&PanicRecord<'_>) -> bool,
    log: Option<&'static LogTable>,
    tracing: Option<&'static TraceTable>,
}

/// The host's side of `log`. Levels are those of `log`: 0 is off, 1 an error, 5 a trace.
#[repr(C)]
pub struct LogTable {
    /// The most verbose level that the host wants at all.
    pub max_level: extern "C" fn() -> u32,
    /// Whether the host's logger wants a record of this level and target.
    pub enabled: extern "C" fn(level: u32, target: RStr<'_>) -> bool,
    /// Gives a record to the host's logger.
    pub log: extern "C" fn(&LogRecord<'_>),
    /// Flushes the host's logger.
    pub flush: extern "C" fn(),
}

/// A record of `log`.
#[repr(C)]
pub struct LogRecord<'a> {
    /// Level.
    pub level: u32,
    /// Target.
    pub target: RStr<'a>,
    /// The formatted message.
    pub message: RStr<'a>,
    /// Module path.
    pub module_path: ROption<RStr<'a>>,
    /// Source file.
    pub file: ROption<RStr<'a>>,
    /// Line in it.
    pub line: ROption<u32>,
    /// Key-value pairs, in their order.
    pub fields: Fields<'a>,
}

/// The host's side of `tracing`. Spans are named by numbers that the host gives; one that it does not know, such as that of
/// a span that was closed, names no span.
#[repr(C)]
pub struct TraceTable {
    /// Makes a call site known, once: the same one for the same [`CallsiteRecord::plugin`].
    pub register: extern "C" fn(&CallsiteRecord<'_>) -> Callsite,
    /// The interest of the host's subscribers in a call site: one of [`NEVER`], [`SOMETIMES`], [`ALWAYS`].
    pub interest: unsafe extern "C" fn(Callsite) -> u32,
    /// Whether the thread's current subscriber wants it now.
    pub enabled: unsafe extern "C" fn(Callsite) -> bool,
    /// An event.
    pub event: unsafe extern "C" fn(Callsite, Parent, &Fields<'_>),
    /// A new span with one handle; 0 if there is none.
    pub new_span: unsafe extern "C" fn(Callsite, Parent, &Fields<'_>) -> u64,
    /// More values of a span.
    pub record: extern "C" fn(span: u64, &Fields<'_>),
    /// The span follows from another.
    pub follows_from: extern "C" fn(span: u64, other: u64),
    /// The thread enters the span.
    pub enter: extern "C" fn(span: u64),
    /// The thread leaves the span.
    pub exit: extern "C" fn(span: u64),
    /// The span that the thread is in; as one of this plugin's if it is.
    pub current_span: extern "C" fn(home: usize) -> CurrentSpan,
    /// One more handle to the span.
    pub clone_span: extern "C" fn(span: u64),
    /// One handle less; whether it was the last one.
    pub try_close: extern "C" fn(span: u64) -> bool,
}

/// What a plugin says about a call site of `tracing`. Its texts live as long as the plugin, which is never unmapped.
#[repr(C)]
pub struct CallsiteRecord<'a> {
    /// Name of the event or span.
    pub name: RStr<'static>,
    /// Target.
    pub target: RStr<'static>,
    /// Level, as `log` numbers it.
    pub level: u32,
    /// A span, else an event.
    pub is_span: bool,
    /// Module path.
    pub module_path: ROption<RStr<'static>>,
    /// Source file.
    pub file: ROption<RStr<'static>>,
    /// Line in it.
    pub line: ROption<u32>,
    /// Names of the fields; values name them by their index.
    pub field_names: RSlice<'a, RStr<'static>>,
    /// The plugin, by an address in it.
    pub home: usize,
    /// The call site in the plugin: an address that means something to `set_interest`.
    pub plugin: usize,
    /// Changes the interest that is cached in the plugin. It takes no lock.
    pub set_interest: unsafe extern "C" fn(plugin: usize, interest: u32),
}

/// No subscriber wants it.
pub const NEVER: u32 = 0;
/// Ask each time.
pub const SOMETIMES: u32 = 1;
/// Some subscriber always wants it.
pub const ALWAYS: u32 = 2;

/// A call site as the host knows it; null if it could not be made.
#[repr(transparent)]
#[derive(Clone, Copy, Debug)]
pub struct Callsite(pub *const ());

// SAFETY: a name for something of the host's that never goes away; only the host looks at it.
unsafe impl Send for Callsite {}
// SAFETY: as above.
unsafe impl Sync for Callsite {}

/// What an event or a new span is in.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// Whatever span the thread is in.
    Current,
    /// Nothing.
    Root,
    /// This span.
    Span(u64),
}

/// The span that a thread is in.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CurrentSpan {
    /// The span, without a handle to it; 0 if there is none.
    pub span: u64,
    /// [`CallsiteRecord::plugin`] of its call site; 0 if that is in the host or in another plugin.
    pub plugin: usize,
}

/// A panic, where it happened.
#[repr(C)]
pub struct PanicRecord<'a> {
    /// Name of the plugin.
    pub plugin: RStr<'a>,
    /// Name of the thread; empty if it has none.
    pub thread: RStr<'a>,
    /// The message, or a substitute.
    pub message: RStr<'a>,
    /// Source file; empty if unknown.
    pub file: RStr<'a>,
    /// Line in it.
    pub line: u32,
    /// Column in it.
    pub column: u32,
    /// The backtrace; empty if none was captured.
    pub backtrace: RStr<'a>,
}

/// What a plugin gives back for a sink.
#[repr(C)]
pub struct Connection {
    /// Whether the plugin keeps the sink.
    pub is_taken: bool,
    /// Makes the plugin ask for the host's levels again.
    pub refresh: extern "C" fn(),
}

/// Connects a plugin's logs.
pub type ConnectLogsFn = extern "C" fn(&'static LogSink) -> Connection;

/// What this build connects logs with.
pub(crate) const CONNECT: Option<ConnectLogsFn> =
    if cfg!(any(feature = "log", feature = "tracing")) { Some(connect) } else { None };

static CONNECTED: OnceLock<&'static LogSink> = OnceLock::new();

impl LogSink {
    /// For hosts: the sink of one plugin.
    #[must_use]
    pub fn new(
        plugin: &'static str,
        panic: extern "C" fn(&PanicRecord<'_>) -> bool,
        log: Option<&'static LogTable>,
        tracing: Option<&'static TraceTable>,
    ) -> Self {
        Self { library: &LIBRARY, plugin: plugin.into(), panic, log, tracing }
    }
}

/// Connects this copy of the crate, once: a second host, or a second attempt, changes nothing. Code that is linked into
/// the host shares the host's logger and subscriber: it has nothing to connect, and would forward to itself.
extern "C" fn connect(sink: &'static LogSink) -> Connection {
    let is_taken = !core::ptr::eq(sink.library, &raw const LIBRARY) && CONNECTED.set(sink).is_ok();
    if is_taken {
        guarded((), || {
            #[cfg(feature = "log")]
            sink.log.inspect(|table| from_log::install(table));
            #[cfg(feature = "tracing")]
            sink.tracing.inspect(|table| from_tracing::install(table));
        });
    }
    Connection { is_taken, refresh }
}

extern "C" fn refresh() {
    guarded((), || {
        #[cfg(feature = "log")]
        from_log::refresh();
        #[cfg(feature = "tracing")]
        from_tracing::refresh();
    });
}

/// Reports a panic to the host's log; `false` if nobody took it.
pub(crate) fn report_panic(panic: &Origin) -> bool {
    // Said twice, so that a plugin that forwards nothing has none of this.
    if CONNECT.is_none() {
        return false;
    }
    let Some(sink) = CONNECTED.get() else { return false };
    let thread = thread::current();
    let (file, line, column) = panic.location();
    (sink.panic)(&PanicRecord {
        plugin: sink.plugin,
        thread: thread.name().unwrap_or_default().into(),
        message: panic.message().into(),
        file: file.into(),
        line,
        column,
        backtrace: panic.backtrace().into(),
    })
}

/// Runs what the other side calls, with a result in place of a panic, which was reported where it happened.
pub fn guarded<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        discard(payload);
        otherwise
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    extern "C" fn panic(_: &PanicRecord<'_>) -> bool {
        false
    }

    /// As for a plugin that is linked into its host.
    #[test]
    fn nothing_is_connected_to_itself() {
        let sink = Box::leak(Box::new(LogSink::new("linked", panic, None, None)));
        assert!(!connect(sink).is_taken);
        assert!(CONNECTED.get().is_none());
    }
}
