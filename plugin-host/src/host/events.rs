//! What a host did with its plugins, when, and how long it took: the last events of each host, as values.
#![forbid(unsafe_code)]

mod reason;
#[cfg(feature = "tracing")]
mod to_tracing;

use std::{
    collections::VecDeque,
    error::Error,
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

pub use reason::Reason;

use super::Host;
use crate::error::OpenError;

/// One step in the life of a plugin under a host.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// Name and version of the plugin; empty as long as they are not known.
    pub plugin: Arc<str>,
    /// The file, with every link resolved; of one that was refused before that, as it was asked for.
    pub path: Arc<Path>,
    /// When it was over.
    pub when: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// Why it was refused, or failed, with every cause; else empty.
    pub error: Reason,
}

/// What happened in an [`Event`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// The file was opened, found trusted, and read.
    Inspected,
    /// It fits: target, toolchain, interfaces.
    Verified,
    /// It was refused, before anything of it was mapped.
    Refused,
    /// The operating system mapped it, and it is what was verified.
    Loaded,
    /// `#[init]` and the constructors of its shared objects ran.
    Initialised,
    /// It could not be loaded, did not start, or did not shut down.
    Failed,
    /// The host shut it down.
    ShutDown,
    /// It has taken the place of an older generation.
    Reloaded,
    /// A generation that was replaced is shut down, since nobody used it any more.
    Ended,
}

/// The last events of a host, oldest first.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Events {
    /// At most [`CAPACITY`](Self::CAPACITY) of them.
    pub events: Vec<Event>,
    /// How many older ones were dropped.
    pub dropped: u64,
}

impl Events {
    /// How many events a host keeps.
    pub const CAPACITY: usize = 1024;
}

impl IntoIterator for Events {
    type Item = Event;
    type IntoIter = std::vec::IntoIter<Event>;

    fn into_iter(self) -> Self::IntoIter {
        self.events.into_iter()
    }
}

impl Host {
    /// The last events of this host and its clones: what was inspected, verified, refused, loaded, started, and when. A
    /// host that was made from this one (by [`expecting`](Self::expecting) and the like) has its own.
    ///
    /// With the feature `tracing`, each is an event of `tracing` as well, with the target `plugin_host` and the fields
    /// `message`, `plugin`, `path`, `took_ns` and `error`.
    /// Opening a plugin that is open already is no event.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// host.open("lz4")?;
    /// for event in host.events() {
    ///     println!("{event}"); // lz4 0.1.0 loaded in 81.3µs
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn events(&self) -> Events {
        self.events.read()
    }
}

impl Event {
    /// An event that ends now.
    pub(crate) fn new(kind: EventKind, plugin: &str, path: &Path, took: Duration) -> Self {
        let when = SystemTime::now();
        Self { kind, plugin: plugin.into(), path: path.into(), when, took, error: Reason::default() }
    }

    /// The same, and why.
    pub(crate) fn because(self, error: &dyn Error) -> Self {
        Self { error: Reason::said(error), ..self }
    }

    /// The same, and why the plugin was not opened.
    pub(crate) fn because_not_opened(self, error: &OpenError) -> Self {
        Self { error: Reason::of(error), ..self }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inspected => "inspected",
            Self::Verified => "verified",
            Self::Refused => "refused",
            Self::Loaded => "loaded",
            Self::Initialised => "initialised",
            Self::Failed => "failed",
            Self::ShutDown => "shut down",
            Self::Reloaded => "reloaded",
            Self::Ended => "ended",
        })
    }
}

/// `{plugin} {kind} in {took}`, with the path where the plugin is not known, and the error behind it.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, plugin, path, when: _, took, error } = self;
        match &**plugin {
            "" => write!(f, "{}", path.display())?,
            plugin => write!(f, "{plugin}")?,
        }
        write!(f, " {kind} in {took:?}")?;
        match &**error {
            "" => Ok(()),
            error => write!(f, ": {error}"),
        }
    }
}

/// Where a host and its clones record; a handle.
#[derive(Clone, Default)]
pub(crate) struct EventLog(Arc<Mutex<Recorded>>);

#[derive(Default)]
struct Recorded {
    events: VecDeque<Event>,
    dropped: u64,
}

impl EventLog {
    /// Keeps the event in place of the oldest, and gives it to the program's subscriber.
    pub(crate) fn record(&self, event: Event) {
        // A subscriber is foreign code: it runs without the lock.
        #[cfg(feature = "tracing")]
        to_tracing::emit(&event);
        let oldest = self.lock().push(event);
        drop(oldest);
    }

    fn read(&self) -> Events {
        let recorded = self.lock();
        Events { events: recorded.events.iter().cloned().collect(), dropped: recorded.dropped }
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorded {
    /// Returns the oldest event if there is no room for it any more.
    fn push(&mut self, mut event: Event) -> Option<Event> {
        // Those of one plugin come in a row: they share its name and its path.
        if let Some(last) = self.events.back() {
            if last.plugin == event.plugin {
                event.plugin = Arc::clone(&last.plugin);
            }
            if last.path.as_os_str() == event.path.as_os_str() {
                event.path = Arc::clone(&last.path);
            }
        }
        let oldest = (self.events.len() == Events::CAPACITY).then(|| self.events.pop_front()).flatten();
        self.dropped += u64::from(oldest.is_some());
        self.events.push_back(event);
        oldest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_events_give_way_and_are_counted() {
        let log = EventLog::default();
        for number in 0..Events::CAPACITY as u64 + 3 {
            let took = Duration::from_nanos(number);
            log.clone().record(Event::new(EventKind::Inspected, "", Path::new("plugin"), took));
        }
        let Events { events, dropped } = log.read();
        assert_eq!((events.len(), dropped), (Events::CAPACITY, 3));
        assert_eq!(events.first().unwrap().took, Duration::from_nanos(3));
    }

    /// A generous limit: it is some two hundred nanoseconds in a debug build.
    #[test]
    fn recording_takes_less_than_a_microsecond() {
        const EVENTS: u32 = 10_000;
        let log = EventLog::default();
        let path = Path::new("/a/directory/with/a/usual/name/libplugin.so");
        let round = || {
            let start = std::time::Instant::now();
            for _ in 0..EVENTS {
                log.record(Event::new(EventKind::Loaded, "plugin 0.1.0", path, Duration::ZERO));
            }
            start.elapsed() / EVENTS
        };
        let best = (0..20).map(|_| round()).min().unwrap();
        assert!(best < Duration::from_micros(1), "{best:?}");
    }

    #[test]
    fn an_event_reads_as_a_line() {
        let (path, took) = (Path::new("/p/libx.so"), Duration::from_micros(81));
        let error = std::io::Error::other("no such luck");
        for (plugin, kind, expected) in [
            ("x 0.1.0", EventKind::Failed, "x 0.1.0 failed in 81µs: no such luck"),
            ("", EventKind::Refused, "/p/libx.so refused in 81µs: no such luck"),
        ] {
            assert_eq!(Event::new(kind, plugin, path, took).because(&error).to_string(), expected);
        }
    }
}
