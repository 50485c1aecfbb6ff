//! A logger for the plugin's copy of `log` that gives everything to the host.

use std::sync::OnceLock;

use log::{
    Level, LevelFilter, Log, Metadata, Record,
    kv::{self, Key, VisitSource, VisitValue},
};

use super::{
    LogRecord, LogTable,
    records::{Collected, Text, Value, Wide},
};

struct Forward;

/// The host's side, if the plugin's logger is [`Forward`].
static TABLE: OnceLock<&'static LogTable> = OnceLock::new();

/// A plugin that set a logger of its own before keeps it.
pub(super) fn install(table: &'static LogTable) {
    if log::set_logger(&Forward).is_ok() {
        let _ = TABLE.set(table);
        refresh();
    }
}

/// Takes over the host's level, which the macros of `log` compare with before anything else.
pub(super) fn refresh() {
    if let Some(table) = TABLE.get() {
        log::set_max_level(match (table.max_level)() {
            0 => LevelFilter::Off,
            1 => LevelFilter::Error,
            2 => LevelFilter::Warn,
            3 => LevelFilter::Info,
            4 => LevelFilter::Debug,
            _ => LevelFilter::Trace,
        });
    }
}

fn number(level: Level) -> u32 {
    level as u32
}

impl Log for Forward {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        TABLE.get().is_some_and(|table| (table.enabled)(number(metadata.level()), metadata.target().into()))
    }

    fn log(&self, record: &Record<'_>) {
        let Some(table) = TABLE.get() else { return };
        // Nothing is formatted for a logger that does not want it.
        if !self.enabled(record.metadata()) {
            return;
        }
        let mut pairs = Pairs(Collected::default());
        // `Pairs` never fails, and a source that does has given what it could.
        let _ = record.key_values().visit(&mut pairs);
        let formatted;
        let message = match record.args().as_str() {
            Some(text) => text,
            None => {
                formatted = record.args().to_string();
                &formatted
            }
        };
        (table.log)(&LogRecord {
            level: number(record.level()),
            target: record.target().into(),
            message: message.into(),
            module_path: record.module_path().map(Into::into).into(),
            file: record.file().map(Into::into).into(),
            line: record.line().into(),
            fields: pairs.0.fields(),
        });
    }

    fn flush(&self) {
        if let Some(table) = TABLE.get() {
            (table.flush)();
        }
    }
}

struct Pairs(Collected);

impl<'kvs> VisitSource<'kvs> for Pairs {
    fn visit_pair(&mut self, key: Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        let name = self.0.text(format_args!("{key}"));
        value.visit(Pair { collected: &mut self.0, name })
    }
}

/// The value of one key.
struct Pair<'c> {
    collected: &'c mut Collected,
    name: Text,
}

impl Pair<'_> {
    fn push(&mut self, value: Value) -> Result<(), kv::Error> {
        self.collected.push(0, self.name, value);
        Ok(())
    }
}

impl<'v> VisitValue<'v> for Pair<'_> {
    fn visit_any(&mut self, value: kv::Value<'_>) -> Result<(), kv::Error> {
        let text = self.collected.text(format_args!("{value}"));
        self.push(Value::Shown(text))
    }

    fn visit_null(&mut self) -> Result<(), kv::Error> {
        self.push(Value::Null)
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), kv::Error> {
        self.push(Value::U64(value))
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), kv::Error> {
        self.push(Value::I64(value))
    }

    fn visit_u128(&mut self, value: u128) -> Result<(), kv::Error> {
        self.push(Value::U128(Wide::new(value)))
    }

    fn visit_i128(&mut self, value: i128) -> Result<(), kv::Error> {
        self.push(Value::I128(Wide::new(value.cast_unsigned())))
    }

    fn visit_f64(&mut self, value: f64) -> Result<(), kv::Error> {
        self.push(Value::F64(value))
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), kv::Error> {
        self.push(Value::Bool(value))
    }

    fn visit_str(&mut self, value: &str) -> Result<(), kv::Error> {
        let text = self.collected.text(format_args!("{value}"));
        self.push(Value::Str(text))
    }
}
