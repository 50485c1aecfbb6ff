//! What a host did is there to be read, and reaches the program's subscriber.

use std::sync::{Arc, Mutex};

use integration::{Child, Stage};
use plugin_host::{Event, EventKind, Events, Host};
use tracing::{
    Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt as _},
};

use crate::fixture;

fn kinds(host: &Host) -> Vec<EventKind> {
    host.events().into_iter().map(|event| event.kind).collect()
}

#[test]
fn a_good_open_is_recorded_step_by_step() {
    let stage = Stage::with(&fixture("lifecycle"));
    let host = stage.host();
    host.open("lifecycle").unwrap();
    let Events { events, dropped, .. } = host.events();
    let path = stage.path().canonicalize().unwrap().join("liblifecycle.so");
    assert_eq!(
        kinds(&host),
        [EventKind::Inspected, EventKind::Verified, EventKind::Loaded, EventKind::Initialised]
    );
    assert_eq!(dropped, 0);
    for Event { plugin, path: of, took, error, .. } in &events {
        assert_eq!((&**plugin, &**of, &**error), ("lifecycle 0.1.0", &*path, ""));
        assert!(!took.is_zero());
    }
    assert!(events.is_sorted_by_key(|event| event.when));

    // What is open already costs no event.
    host.open("lifecycle").unwrap();
    assert_eq!(kinds(&host).len(), 4);

    host.open("lifecycle").unwrap().shutdown(std::time::Duration::from_secs(5)).unwrap();
    assert_eq!(kinds(&host)[4..], [EventKind::ShutDown]);
}

#[test]
fn a_refused_open_is_recorded_with_its_reason() {
    let stage = Stage::with(&fixture("lifecycle"));
    let host = stage.host();
    host.open_root::<dyn probe_api::Probe>("lifecycle").unwrap_err();
    host.open("missing").unwrap_err();
    let events = host.events().events;
    let [inspected, refused, missing] = &events[..] else { panic!("{events:#?}") };
    assert_eq!(inspected.kind, EventKind::Inspected);
    assert_eq!((refused.kind, &*refused.plugin), (EventKind::Refused, "lifecycle 0.1.0"));
    assert!(refused.error.contains("expected probe_api::Probe"), "{refused}");
    assert_eq!((missing.kind, missing.path.to_str()), (EventKind::Refused, Some("missing")));
    assert!(missing.to_string().contains("no plugin `missing`"), "{missing}");
}

#[test]
fn a_failed_start_is_recorded_with_its_reason() {
    let stage = Stage::with(&fixture("lifecycle"));
    stage.write("fail-in-init", "");
    let host = stage.host();
    host.open("lifecycle").unwrap_err();
    let events = host.events().events;
    let last = events.last().unwrap();
    assert_eq!((last.kind, &*last.plugin), (EventKind::Failed, "lifecycle 0.1.0"));
    assert!(last.error.contains("init was asked to fail"), "{last}");
}

#[test]
fn clones_of_a_host_share_their_events_and_other_hosts_have_their_own() {
    let stage = Stage::with(&fixture("lifecycle"));
    let (host, other) = (stage.host(), stage.host());
    host.clone().verify("lifecycle").unwrap();
    assert_eq!(kinds(&host), [EventKind::Inspected, EventKind::Verified]);
    assert_eq!(kinds(&other), []);
}

/// Keeps each event of this crate as its level and its fields.
#[derive(Clone, Default)]
struct Keeping(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Keeping {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Written(String);
        impl Visit for Written {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                match field.name() {
                    "took_ns" => self.0.push_str(" took"),
                    "path" => self.0.push_str(" path"),
                    name => self.0.push_str(&format!(" {name}={value:?}")),
                }
            }
        }
        if event.metadata().target() == "plugin_host" {
            let mut written = Written(event.metadata().level().to_string());
            event.record(&mut written);
            self.0.lock().unwrap().push(written.0);
        }
    }
}

/// In a process of its own, because call sites ask the subscribers of a process for their interest.
#[test]
fn a_subscriber_gets_the_same_events() {
    let library = fixture("lifecycle");
    Child::of("events::a_subscriber_gets_the_same_events").passes(|| {
        let stage = Stage::with(&library);
        let keeping = Keeping::default();
        tracing::subscriber::with_default(Registry::default().with(keeping.clone()), || {
            let host = stage.host();
            host.open("lifecycle").unwrap();
            host.open_root::<dyn probe_api::Probe>("lifecycle").unwrap_err();
        });
        let events = keeping.0.lock().unwrap();
        let of =
            |level: &str, what: &str| format!("{level} message={what} plugin=\"lifecycle 0.1.0\" path took");
        let all =
            [("DEBUG", "inspected"), ("DEBUG", "verified"), ("INFO", "loaded"), ("INFO", "initialised")];
        assert_eq!(events[..4], all.map(|(level, what)| of(level, what)));
        assert!(events[4].starts_with(&format!("{} error=", of("WARN", "refused"))), "{}", events[4]);
    });
}
