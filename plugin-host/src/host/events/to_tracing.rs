//! The same events for the program's subscriber, without the macros of `tracing`.

use tracing_core::{
    Callsite as _, Event, Kind, Level, LevelFilter, Metadata,
    callsite::DefaultCallsite,
    dispatcher::get_default,
    field::{FieldSet, Value, display},
    identify_callsite,
};

use super::EventKind;

const FIELDS: &[&str] = &["message", "plugin", "path", "took_ns", "error"];

/// A call site for each level, because a level is a constant of its call site.
macro_rules! callsite {
    ($callsite:ident, $metadata:ident, $level:ident) => {
        static $callsite: DefaultCallsite = DefaultCallsite::new(&$metadata);
        static $metadata: Metadata<'static> = Metadata::new(
            "plugin",
            "plugin_host",
            Level::$level,
            None,
            None,
            None,
            FieldSet::new(FIELDS, identify_callsite!(&$callsite)),
            Kind::EVENT,
        );
    };
}

callsite!(DETAIL, DETAIL_METADATA, DEBUG);
callsite!(STEP, STEP_METADATA, INFO);
callsite!(TROUBLE, TROUBLE_METADATA, WARN);

const fn callsite(kind: EventKind) -> &'static DefaultCallsite {
    match kind {
        EventKind::Inspected | EventKind::Verified => &DETAIL,
        EventKind::Loaded
        | EventKind::Initialised
        | EventKind::Reloaded
        | EventKind::ShutDown
        | EventKind::Ended => &STEP,
        EventKind::Refused | EventKind::Failed => &TROUBLE,
    }
}

pub(super) fn emit(event: &super::Event) {
    let callsite = callsite(event.kind);
    let metadata = callsite.metadata();
    if *metadata.level() > LevelFilter::current() || callsite.interest().is_never() {
        return;
    }
    get_default(|dispatch| {
        if !dispatch.enabled(metadata) {
            return;
        }
        let (message, path) = (display(event.kind), display(event.path.display()));
        let took = u64::try_from(event.took.as_nanos()).unwrap_or(u64::MAX);
        let (plugin, error) = (&*event.plugin, &*event.error);
        let values: [Option<&dyn Value>; 5] = [
            Some(&message),
            (!plugin.is_empty()).then_some(&plugin),
            Some(&path),
            Some(&took),
            (!error.is_empty()).then_some(&error),
        ];
        let mut fields = metadata.fields().iter();
        let pairs = values.map(|value| fields.next().map(|field| (field, value)));
        if let [Some(a), Some(b), Some(c), Some(d), Some(e)] = &pairs {
            let pairs = [a, b, c, d, e].map(|(field, value)| (field, *value));
            dispatch.event(&Event::new(metadata, &metadata.fields().value_set(&pairs)));
        }
    });
}
