//! Records of plugins, given to this program's logger.

use log::{
    Level, Metadata, Record,
    kv::{self, Key, Source, VisitSource},
};
use plugin_core::{
    abi::RStr,
    logs::{FieldValue, Fields, LogRecord, LogTable, PanicRecord, Text, Value, guarded},
};

use super::panics;

pub(super) static TABLE: LogTable = LogTable { max_level, enabled, log, flush };

extern "C" fn max_level() -> u32 {
    log::max_level() as u32
}

extern "C" fn enabled(level: u32, target: RStr<'_>) -> bool {
    guarded(false, || is_enabled(self::level(level), target.as_str()))
}

/// The plugin may have cached a level that is higher than the present one.
fn is_enabled(level: Level, target: &str) -> bool {
    level <= log::max_level()
        && log::logger().enabled(&Metadata::builder().level(level).target(target).build())
}

extern "C" fn log(record: &LogRecord<'_>) {
    guarded((), || {
        log::logger().log(
            &Record::builder()
                .level(level(record.level))
                .target(record.target.as_str())
                .module_path(record.module_path.map(|text| text.as_str()).into())
                .file(record.file.map(|text| text.as_str()).into())
                .line(record.line.into())
                .key_values(&Pairs::new(&record.fields))
                .args(format_args!("{}", record.message))
                .build(),
        );
    });
}

extern "C" fn flush() {
    guarded((), || log::logger().flush());
}

fn level(number: u32) -> Level {
    match number {
        1 => Level::Error,
        2 => Level::Warn,
        3 => Level::Info,
        4 => Level::Debug,
        _ => Level::Trace,
    }
}

/// Key-value pairs, each with the text that its value is made of.
struct Pairs<'a>(Vec<(&'a str, Value, &'a str)>);

impl<'a> Pairs<'a> {
    fn new(fields: &Fields<'a>) -> Self {
        let pair = |&FieldValue { index: _, name, value }: &FieldValue| {
            let text = match value {
                Value::Str(text) | Value::Shown(text) | Value::Error(text) | Value::Source(text) => text,
                _ => Text::default(),
            };
            (fields.text(name), value, fields.text(text))
        };
        Self(fields.values().iter().map(pair).collect())
    }
}

impl Source for Pairs<'_> {
    fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), kv::Error> {
        self.0.iter().try_for_each(|(key, value, text)| {
            let value = match *value {
                Value::Null => kv::Value::null(),
                Value::Bool(value) => kv::Value::from(value),
                Value::I64(value) => kv::Value::from(value),
                Value::U64(value) => kv::Value::from(value),
                Value::I128(value) => kv::Value::from(value.signed()),
                Value::U128(value) => kv::Value::from(value.unsigned()),
                Value::F64(value) => kv::Value::from(value),
                Value::Str(_) => kv::Value::from(*text),
                Value::Shown(_) | Value::Error(_) | Value::Source(_) => kv::Value::from_display(text),
            };
            visitor.visit_pair(Key::from_str(key), value)
        })
    }
}

/// The whole panic as one record: a logger need not look at key-value pairs.
pub(super) fn panic_record(panic: &PanicRecord<'_>) -> bool {
    const TARGET: &str = "panic";
    if !is_enabled(Level::Error, TARGET) {
        return false;
    }
    let location = panics::location(panic);
    let (plugin, message, backtrace) =
        (panic.plugin.as_str(), panic.message.as_str(), panic.backtrace.as_str());
    let at = location.as_deref().map(|location| format!(" at {location}")).unwrap_or_default();
    let trace = if backtrace.is_empty() { "" } else { "\nstack backtrace:\n" };
    let thread = panics::thread_name(panic);
    let pairs = [
        ("plugin", Some(plugin)),
        ("thread", thread.as_deref()),
        ("location", location.as_deref()),
        ("backtrace", Some(backtrace).filter(|text| !text.is_empty())),
    ];
    let pairs: Vec<(&str, &str)> = pairs.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
    log::logger().log(
        &Record::builder()
            .level(Level::Error)
            .target(TARGET)
            .file(Some(panic.file.as_str()).filter(|file| !file.is_empty()))
            .line(Some(panic.line).filter(|line| *line != 0))
            .key_values(&pairs.as_slice())
            .args(format_args!("plugin {plugin} panicked{at}: {message}{trace}{backtrace}"))
            .build(),
    );
    true
}
