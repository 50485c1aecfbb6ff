//! Events and spans of plugins, given to this program's subscribers as if they were its own.

mod callsites;
mod spans;
mod values;

use plugin_core::logs::{
    Callsite, CallsiteRecord, CurrentSpan, Fields, NEVER, PanicRecord, Parent, TraceTable, guarded,
};
use tracing_core::{
    Event, Kind, Level, Metadata,
    callsite::DefaultCallsite,
    dispatcher::get_default,
    field::{Field, FieldSet, Value, display},
    identify_callsite,
};

use self::callsites::Mirror;
use super::panics;

pub(super) static TABLE: TraceTable = TraceTable {
    register,
    interest,
    enabled,
    event,
    new_span,
    record,
    follows_from,
    enter,
    exit,
    current_span,
    clone_span,
    try_close,
};

extern "C" fn register(record: &CallsiteRecord<'_>) -> Callsite {
    guarded(Callsite(core::ptr::null()), || callsites::register(record).token())
}

/// # Safety
///
/// For this and what follows: the call site came from [`register`].
unsafe extern "C" fn interest(callsite: Callsite) -> u32 {
    // SAFETY: as the caller promises.
    unsafe { Mirror::of(callsite) }.map_or(NEVER, Mirror::interest)
}

/// # Safety
///
/// As for [`interest`].
unsafe extern "C" fn enabled(callsite: Callsite) -> bool {
    // SAFETY: as the caller promises.
    let Some(mirror) = (unsafe { Mirror::of(callsite) }) else { return false };
    guarded(false, || get_default(|dispatch| dispatch.enabled(mirror.metadata())))
}

/// # Safety
///
/// As for [`interest`].
unsafe extern "C" fn event(callsite: Callsite, parent: Parent, fields: &Fields<'_>) {
    // SAFETY: as the caller promises.
    let Some(mirror) = (unsafe { Mirror::of(callsite) }) else { return };
    guarded((), || {
        let metadata = mirror.metadata();
        values::with(metadata, fields, |values| match parent {
            Parent::Current => Event::dispatch(metadata, values),
            Parent::Root => Event::child_of(None, metadata, values),
            // A span that is not open any more is no parent.
            Parent::Span(span) => Event::child_of(spans::host_id(span), metadata, values),
        });
    });
}

/// # Safety
///
/// As for [`interest`].
unsafe extern "C" fn new_span(callsite: Callsite, parent: Parent, fields: &Fields<'_>) -> u64 {
    // SAFETY: as the caller promises.
    let Some(mirror) = (unsafe { Mirror::of(callsite) }) else { return 0 };
    guarded(0, || spans::open(mirror, parent, fields))
}

extern "C" fn record(span: u64, fields: &Fields<'_>) {
    guarded((), || spans::record(span, fields));
}

extern "C" fn follows_from(span: u64, other: u64) {
    guarded((), || spans::follows_from(span, other));
}

extern "C" fn enter(span: u64) {
    guarded((), || spans::enter(span));
}

extern "C" fn exit(span: u64) {
    guarded((), || spans::exit(span));
}

extern "C" fn current_span(home: usize) -> CurrentSpan {
    guarded(CurrentSpan { span: 0, plugin: 0 }, || spans::current(home))
}

extern "C" fn clone_span(span: u64) {
    guarded((), || spans::retain(span));
}

extern "C" fn try_close(span: u64) -> bool {
    guarded(false, || spans::release(span))
}

static PANIC: DefaultCallsite = DefaultCallsite::new(&PANIC_METADATA);
static PANIC_METADATA: Metadata<'static> = Metadata::new(
    "panic",
    "panic",
    Level::ERROR,
    None,
    None,
    None,
    FieldSet::new(&["message", "plugin", "thread", "location", "backtrace"], identify_callsite!(&PANIC)),
    Kind::EVENT,
);

/// The panic as an event in whatever span the thread is in; `false` if no subscriber wants it.
pub(super) fn panic_event(panic: &PanicRecord<'_>) -> bool {
    if Level::ERROR > tracing_core::LevelFilter::current() || PANIC.interest().is_never() {
        return false;
    }
    get_default(|dispatch| {
        if !dispatch.enabled(&PANIC_METADATA) {
            return false;
        }
        let location = panics::location(panic);
        let message = display(panic.message.as_str());
        let thread = panics::thread_name(panic);
        let [plugin, backtrace] = [panic.plugin, panic.backtrace].map(|text| text.as_str());
        let values: [Option<&dyn Value>; 5] = [
            Some(&message),
            Some(&plugin),
            thread.as_ref().map(|thread| thread as &dyn Value),
            location.as_ref().map(|location| location as &dyn Value),
            (!backtrace.is_empty()).then_some(&backtrace),
        ];
        let fields: Vec<Field> = PANIC_METADATA.fields().iter().collect();
        let pairs: Vec<values::Pair<'_>> = fields.iter().zip(values).collect();
        values::with_pairs(PANIC_METADATA.fields(), &pairs, |values| {
            dispatch.event(&Event::new(&PANIC_METADATA, values));
        });
        true
    })
}
