//! A subscriber for the plugin's copy of `tracing` that gives everything to the host.

use core::{error::Error, fmt, num::NonZeroU64};
use std::{
    collections::HashMap,
    sync::{OnceLock, PoisonError, RwLock},
};

use tracing_core::{
    Dispatch, Event, Field, Interest, Kind, Level, Metadata, Subscriber,
    callsite::{self, DefaultCallsite},
    dispatcher::set_global_default,
    field::{FieldSet, Visit},
    identify_callsite,
    span::{Attributes, Current, Id, Record},
};

use super::{
    ALWAYS, Callsite, CallsiteRecord, NEVER, Parent, TraceTable, guarded,
    records::{Collected, Text, Value, Wide},
};
use crate::{abi::RStr, home::LIBRARY};

struct Forward {
    table: &'static TraceTable,
    /// What the host calls each call site of the plugin, by the address of its metadata. None is ever removed.
    callsites: RwLock<HashMap<usize, (&'static Metadata<'static>, Callsite)>>,
}

/// Set if the plugin's subscriber is [`Forward`].
static INSTALLED: OnceLock<()> = OnceLock::new();

/// A plugin that set a subscriber of its own before keeps it.
pub(super) fn install(table: &'static TraceTable) {
    let forward = Forward { table, callsites: RwLock::default() };
    if set_global_default(Dispatch::new(forward)).is_ok() {
        let _ = INSTALLED.set(());
    }
}

/// Asks the host for its interest in every call site again.
pub(super) fn refresh() {
    if INSTALLED.get().is_some() {
        callsite::rebuild_interest_cache();
    }
}

/// # Safety
///
/// `plugin` is the address that [`Forward::callsite`] sent to the host.
unsafe extern "C" fn set_interest(plugin: usize, interest: u32) {
    // SAFETY: as the caller promises; that was the address of metadata that lives as long as the plugin.
    let metadata: &'static Metadata<'static> =
        unsafe { &*core::ptr::with_exposed_provenance::<Metadata<'static>>(plugin) };
    // The field is `pub` for the macros of `tracing-core` and not documented; nothing else leads from the metadata to its
    // call site. It stores the interest and takes no lock, so the host may call this while it holds its own.
    guarded((), || metadata.callsite().0.set_interest(self::interest(interest)));
}

fn interest(number: u32) -> Interest {
    match number {
        NEVER => Interest::never(),
        ALWAYS => Interest::always(),
        _ => Interest::sometimes(),
    }
}

/// A call site's number for its level, as `log` has it.
fn number(level: Level) -> u32 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}

impl Forward {
    /// The call site as the host knows it; made known where it is not.
    fn callsite(&self, metadata: &'static Metadata<'static>) -> Callsite {
        let address = core::ptr::from_ref(metadata).expose_provenance();
        let known = self.callsites.read().unwrap_or_else(PoisonError::into_inner).get(&address).copied();
        if let Some((_, callsite)) = known {
            return callsite;
        }
        let field_names: Vec<RStr<'static>> =
            metadata.fields().iter().map(|field| field.name().into()).collect();
        // No lock is held: the host asks its subscribers, which may call this plugin.
        let callsite = (self.table.register)(&CallsiteRecord {
            name: metadata.name().into(),
            target: metadata.target().into(),
            level: number(*metadata.level()),
            is_span: metadata.is_span(),
            module_path: metadata.module_path().map(Into::into).into(),
            file: metadata.file().map(Into::into).into(),
            line: metadata.line().into(),
            field_names: field_names.as_slice().into(),
            home: home(),
            plugin: address,
            set_interest,
        });
        let mut callsites = self.callsites.write().unwrap_or_else(PoisonError::into_inner);
        callsites.insert(address, (metadata, callsite));
        callsite
    }
}

fn home() -> usize {
    (&raw const LIBRARY).addr()
}

impl Subscriber for Forward {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        let callsite = self.callsite(metadata);
        // SAFETY: the host made it.
        interest(unsafe { (self.table.interest)(callsite) })
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let address = core::ptr::from_ref(metadata).addr();
        let known = self.callsites.read().unwrap_or_else(PoisonError::into_inner).get(&address).copied();
        // `tracing` registers a call site before it asks. Who asks about metadata of no call site gets what is sure.
        // SAFETY: the host made it.
        known.is_none_or(|(_, callsite)| unsafe { (self.table.enabled)(callsite) })
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let callsite = self.callsite(span.metadata());
        let parent = parent(span.is_root(), span.parent());
        let fields = collect(|visit| span.record(visit));
        // SAFETY: the host made the call site, and the indices of the fields are its.
        let id = unsafe { (self.table.new_span)(callsite, parent, &fields.fields()) };
        // There must be one: a number that the host never gives.
        Id::from_non_zero_u64(NonZeroU64::new(id).unwrap_or(NonZeroU64::MAX))
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let fields = collect(|visit| values.record(visit));
        (self.table.record)(span.into_u64(), &fields.fields());
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        (self.table.follows_from)(span.into_u64(), follows.into_u64());
    }

    fn event(&self, event: &Event<'_>) {
        let callsite = self.callsite(event.metadata());
        let parent = parent(event.is_root(), event.parent());
        let fields = collect(|visit| event.record(visit));
        // SAFETY: as for a span.
        unsafe { (self.table.event)(callsite, parent, &fields.fields()) }
    }

    fn enter(&self, span: &Id) {
        (self.table.enter)(span.into_u64());
    }

    fn exit(&self, span: &Id) {
        (self.table.exit)(span.into_u64());
    }

    fn clone_span(&self, span: &Id) -> Id {
        (self.table.clone_span)(span.into_u64());
        span.clone()
    }

    fn try_close(&self, span: Id) -> bool {
        (self.table.try_close)(span.into_u64())
    }

    fn current_span(&self) -> Current {
        let current = (self.table.current_span)(home());
        let Some(id) = NonZeroU64::new(current.span) else { return Current::none() };
        let callsites = self.callsites.read().unwrap_or_else(PoisonError::into_inner);
        let metadata = callsites.get(&current.plugin).map_or(&ELSEWHERE_METADATA, |(metadata, _)| *metadata);
        Current::new(Id::from_non_zero_u64(id), metadata)
    }
}

/// What a span of the host, or of another plugin, looks like in this one.
static ELSEWHERE: DefaultCallsite = DefaultCallsite::new(&ELSEWHERE_METADATA);
static ELSEWHERE_METADATA: Metadata<'static> = Metadata::new(
    "host",
    "host",
    Level::ERROR,
    None,
    None,
    None,
    FieldSet::new(&[], identify_callsite!(&ELSEWHERE)),
    Kind::SPAN,
);

fn parent(is_root: bool, explicit: Option<&Id>) -> Parent {
    match explicit {
        Some(id) => Parent::Span(id.into_u64()),
        None if is_root => Parent::Root,
        None => Parent::Current,
    }
}

fn collect(record: impl FnOnce(&mut dyn Visit)) -> Collected {
    let mut fields = Visitor(Collected::default());
    record(&mut fields);
    fields.0
}

struct Visitor(Collected);

impl Visitor {
    fn push(&mut self, field: &Field, value: Value) {
        self.0.push(field.index(), Text::default(), value);
    }
}

impl Visit for Visitor {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, Value::F64(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, Value::I64(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, Value::U64(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.push(field, Value::I128(Wide::new(value.cast_unsigned())));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.push(field, Value::U128(Wide::new(value)));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, Value::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let text = self.0.text(format_args!("{value}"));
        self.push(field, Value::Str(text));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.0.error(field.index(), Text::default(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = self.0.text(format_args!("{value:?}"));
        self.push(field, Value::Shown(text));
    }
}
