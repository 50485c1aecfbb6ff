//! The end of a generation that was replaced: when nobody holds anything of it.

use std::{
    sync::atomic::Ordering::SeqCst,
    thread,
    time::{Duration, Instant},
};

use super::Plugin;
use crate::{
    holders::HolderKind,
    host::{Event, EventKind, EventLog},
    loaded::Release,
    slot::{Duty, Left},
};

/// How long the end waits for the plugin's threads.
const PATIENCE: Duration = Duration::from_secs(5);

impl Plugin {
    /// Takes a generation that was replaced from its host. If no other host has it, it ends once nobody holds anything of it:
    /// in this thread if that is now.
    pub(crate) fn retire(&self, events: &EventLog) {
        let loaded = self.loaded();
        self.0.set_replaced();
        match loaded.release(self.0) {
            Release::Last => {
                self.0.set_shut_down(true);
                self.retire_closed(events.clone());
            }
            // Whoever is at it ends the generation, or retires it if that fails.
            Release::UnderWay => {}
            Release::Elsewhere | Release::Twice => {}
            // Its `#[shutdown]` ran before; threads that are left end when they do.
            Release::Again => loaded.finish(false),
        }
    }

    /// Has a generation that gives no more objects end once nobody holds anything of it.
    pub(super) fn retire_closed(&self, events: EventLog) {
        let loaded = self.loaded();
        loaded.set_retired_by(events);
        let duty = loaded.retirement.retire(|| self.left());
        self.attend(duty);
    }

    /// Looks whether that was the last one, after a root or what slots lead to was let go.
    #[inline]
    pub(crate) fn let_go(&self) {
        let duty = self.loaded().retirement.let_go(|| self.left());
        if duty != Duty::Nothing {
            self.attend(duty);
        }
    }

    fn left(&self) -> Left {
        let holders = self.loaded().outside();
        let is_watchful = |kind: &HolderKind| match kind {
            HolderKind::Root { .. } | HolderKind::Slot | HolderKind::Constructor => true,
            HolderKind::Reload
            | HolderKind::Object { .. }
            | HolderKind::Closure
            | HolderKind::Future
            | HolderKind::Iterator
            | HolderKind::Error
            | HolderKind::Value
            | HolderKind::Waker
            | HolderKind::Thread { .. } => false,
        };
        match holders.as_slice() {
            [] => Left::Nobody,
            holders if holders.iter().any(|holder| is_watchful(&holder.kind)) => Left::Watchful,
            _ => Left::Others,
        }
    }

    #[cold]
    fn attend(&self, duty: Duty) {
        match duty {
            Duty::Nothing => {}
            Duty::End => self.end_of_retired(),
            Duty::Wait => {
                let plugin = self.clone();
                let wait = move || {
                    plugin.loaded().wait_until_free(None);
                    if plugin.loaded().retirement.claim() {
                        plugin.end_of_retired();
                    }
                };
                // Without a thread it does not end, as if somebody held something for ever.
                let _ = thread::Builder::new().name("plugin-retire".to_owned()).spawn(wait);
            }
        }
    }

    /// Ends a generation that nobody holds anything of, once.
    fn end_of_retired(&self) {
        let start = Instant::now();
        let loaded = self.loaded();
        for (object, is_required) in loaded.shared.iter().zip(&loaded.tallies.required).rev() {
            // What another plugin required stays: its functions and threads may use it for ever, also after its end.
            let Some(object) = object.filter(|_| !is_required.load(SeqCst)) else { continue };
            // It is the plugin's own, which was not counted so far.
            object.count();
            // SAFETY: made when the plugin was started, and used by roots and slots only, of which none is left and none comes any
            // more; this runs once. What a destructor panics with, the plugin has reported.
            let _ = unsafe { object.destroy() };
        }
        loaded.commit_for_all();
        let ended = {
            let deadline = Instant::now().checked_add(PATIENCE);
            let stopped = self.stop();
            self.wait_for_threads(deadline, stopped, self.end_runtime(deadline))
        };
        if let Some(events) = loaded.take_retired_by() {
            let event = Event::new(EventKind::Ended, &self.to_string(), self.path(), start.elapsed());
            events.record(match &ended {
                Ok(()) => event,
                Err(error) => event.because(error),
            });
        }
    }
}
