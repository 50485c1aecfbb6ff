//! A logger and a subscriber that keep what they are given, as text with the type of each value.

use std::{
    error::Error,
    fmt::{self, Write},
    mem::take,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
};

use log::kv;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn keep(line: String) {
    LINES.lock().unwrap().push(line);
}

/// What was kept since the last time.
pub(super) fn taken() -> Vec<String> {
    take(&mut LINES.lock().unwrap())
}

/// Nothing of the target `quiet` is wanted; a message `panic` makes it panic.
pub(super) struct Logger;

/// How often the logger was called.
pub(super) static CALLS: AtomicU32 = AtomicU32::new(0);

impl Logger {
    pub(super) fn install(level: log::LevelFilter) {
        log::set_logger(&Self).unwrap();
        log::set_max_level(level);
    }
}

impl log::Log for Logger {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        CALLS.fetch_add(1, SeqCst);
        metadata.target() != "quiet"
    }

    fn log(&self, record: &log::Record<'_>) {
        CALLS.fetch_add(1, SeqCst);
        let message = record.args().to_string();
        assert_ne!(message, "panic");
        let mut line = format!(
            "{} {} {:?} {} {:?} {message:?}",
            record.level(),
            record.target(),
            record.module_path(),
            file(record.file()),
            record.line()
        );
        record.key_values().visit(&mut Pairs(&mut line)).unwrap();
        keep(line);
    }

    fn flush(&self) {}
}

/// The last part of a path, which is where the fixtures are.
fn file(path: Option<&str>) -> &str {
    path.map_or("none", |path| path.rsplit('/').next().unwrap())
}

struct Pairs<'l>(&'l mut String);

impl<'kvs> kv::VisitSource<'kvs> for Pairs<'_> {
    fn visit_pair(&mut self, key: kv::Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        write!(self.0, " {key}=").unwrap();
        value.visit(Pairs(self.0))
    }
}

macro_rules! kept {
    ($($name:ident: $ty:ty),*) => {
        $(fn $name(&mut self, value: $ty) -> Result<(), kv::Error> {
            write!(self.0, "{}:{value}", stringify!($ty)).unwrap();
            Ok(())
        })*
    };
}

impl<'v> kv::VisitValue<'v> for Pairs<'_> {
    kept!(visit_u64: u64, visit_i64: i64, visit_u128: u128, visit_i128: i128, visit_f64: f64, visit_bool: bool, visit_str: &str, visit_any: kv::Value<'_>);

    fn visit_null(&mut self) -> Result<(), kv::Error> {
        self.0.push_str("null");
        Ok(())
    }
}

/// Whether a host tells of itself: another test's affair.
pub(super) fn is_of_the_host(event: &Event<'_>) -> bool {
    event.metadata().target() == "plugin_host"
}

/// Makes it the program's. Not by `init`, which takes the place of the logger as well wherever a crate of the build turns that
/// on.
pub(super) fn subscribe(subscriber: impl Subscriber + Send + Sync) {
    tracing::subscriber::set_global_default(subscriber).unwrap();
}

/// Keeps everything of a subscriber.
pub(super) struct Keep;

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Keep {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context.span(id).unwrap().parent().map(|parent| parent.name());
        let mut line = format!("new {} in {}", place(attributes.metadata()), parent.unwrap_or("none"));
        attributes.record(&mut Values(&mut line));
        keep(line);
    }

    fn on_record(&self, span: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut line = format!("record {}", context.span(span).unwrap().name());
        values.record(&mut Values(&mut line));
        keep(line);
    }

    fn on_follows_from(&self, span: &Id, follows: &Id, context: Context<'_, S>) {
        let name = |id| context.span(id).unwrap().name();
        keep(format!("{} follows from {}", name(span), name(follows)));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if is_of_the_host(event) {
            return;
        }
        let mut scope: Vec<&str> =
            context.event_scope(event).into_iter().flatten().map(|span| span.name()).collect();
        scope.reverse();
        let mut line = format!("{} in [{}]", place(event.metadata()), scope.join(" "));
        event.record(&mut Values(&mut line));
        assert!(!line.contains("message=Debug:panic"));
        keep(line);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        keep(format!("enter {}", context.span(id).unwrap().name()));
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        keep(format!("exit {}", context.span(id).unwrap().name()));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        keep(format!("close {}", context.span(&id).unwrap().name()));
    }
}

/// Level and target, and of events no name: that has the line in it.
fn place(metadata: &Metadata<'_>) -> String {
    let name = metadata.name().split(':').next().unwrap().replace("event src/lib.rs", "event");
    let name = name.split(' ').next_back().unwrap();
    format!(
        "{} {} {:?} {} {name}",
        metadata.level(),
        metadata.target(),
        metadata.module_path(),
        file(metadata.file())
    )
}

struct Values<'l>(&'l mut String);

impl Values<'_> {
    fn keep(&mut self, field: &Field, ty: &str, value: impl fmt::Display) {
        write!(self.0, " {field}={ty}:{value}").unwrap();
    }
}

impl Visit for Values<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, "f64", value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, "i64", value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, "u64", value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.keep(field, "i128", value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.keep(field, "u128", value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, "bool", value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, "str", value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.keep(field, "error", crate::chain(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.keep(field, "Debug", format_args!("{value:?}"));
    }
}
