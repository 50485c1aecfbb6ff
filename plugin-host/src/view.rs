//! What one host has of a library.
#![forbid(unsafe_code)]

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, Weak,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    handles::Handles,
    host::{Event, EventLog},
    loaded::Loaded,
    slot::{Line, Tenure},
};

/// What one host has of a library: it can be taken from this host while others keep it.
pub(crate) struct View {
    pub(crate) loaded: &'static Loaded,
    /// The host's own and those that it gave out.
    pub(crate) handles: Handles,
    is_shut_down: AtomicBool,
    /// Whether the host has gone over to a newer generation.
    is_replaced: AtomicBool,
    /// What the host's slots lead to, as long as it has slots.
    line: Mutex<Weak<Line<Tenure>>>,
    /// Where the host records; that of another host once this is used again.
    events: Mutex<EventLog>,
}

impl View {
    pub(crate) fn new(loaded: &'static Loaded, is_shut_down: bool, events: EventLog) -> Self {
        Self {
            loaded,
            handles: Handles::default(),
            is_shut_down: is_shut_down.into(),
            is_replaced: false.into(),
            line: Mutex::default(),
            events: Mutex::new(events),
        }
    }

    /// Records what became of the plugin in this host.
    pub(crate) fn record(&self, event: Event) {
        self.events().record(event);
    }

    /// Where the host records.
    pub(crate) fn events(&self) -> EventLog {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// For another host, now that no handle is left.
    pub(crate) fn renew(&self, is_shut_down: bool, events: EventLog) {
        *self.events.lock().unwrap_or_else(PoisonError::into_inner) = events;
        self.set_shut_down(is_shut_down);
        self.is_replaced.store(false, Ordering::Release);
        *self.lock() = Weak::new();
    }

    pub(crate) fn is_replaced(&self) -> bool {
        self.is_replaced.load(Ordering::Acquire)
    }

    /// The host has gone over to a newer generation, and takes its slots along.
    pub(crate) fn set_replaced(&self) {
        self.is_replaced.store(true, Ordering::Release);
        *self.lock() = Weak::new();
    }

    pub(crate) fn line(&self) -> Option<Arc<Line<Tenure>>> {
        self.lock().upgrade()
    }

    pub(crate) fn set_line(&self, line: &Arc<Line<Tenure>>) {
        *self.lock() = Arc::downgrade(line);
    }

    fn lock(&self) -> MutexGuard<'_, Weak<Line<Tenure>>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it gives no more objects.
    pub(crate) fn is_shut_down(&self) -> bool {
        self.is_shut_down.load(Ordering::Acquire)
    }

    /// For [`Loaded`], which decides it under its lock.
    pub(crate) fn set_shut_down(&self, is_shut_down: bool) {
        self.is_shut_down.store(is_shut_down, Ordering::Release);
    }
}
