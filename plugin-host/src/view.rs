//! What one host has of a library.
#![forbid(unsafe_code)]

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    handles::Handles,
    host::{Event, EventLog},
    loaded::Loaded,
};

/// What one host has of a library: it can be taken from this host while others keep it.
pub(crate) struct View {
    pub(crate) loaded: &'static Loaded,
    /// The host's own and those that it gave out.
    pub(crate) handles: Handles,
    is_shut_down: AtomicBool,
    /// Where the host records; that of another host once this is used again.
    events: Mutex<EventLog>,
}

impl View {
    pub(crate) fn new(loaded: &'static Loaded, is_shut_down: bool, events: EventLog) -> Self {
        let events = Mutex::new(events);
        Self { loaded, handles: Handles::default(), is_shut_down: is_shut_down.into(), events }
    }

    /// Records what became of the plugin in this host.
    pub(crate) fn record(&self, event: Event) {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner).clone();
        events.record(event);
    }

    /// For another host, now that no handle is left.
    pub(crate) fn pass_to(&self, events: EventLog) {
        *self.events.lock().unwrap_or_else(PoisonError::into_inner) = events;
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
