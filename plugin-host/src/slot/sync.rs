//! What [`line`](super::line) and [`retirement`](super::retirement) are made of: all of it here, so that the model of the two
//! (`tests/model`) has another file in this one's place.

pub(super) use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, fence},
    },
    thread::ThreadId,
};

use arc_swap::{ArcSwapOption, Guard};

pub(super) fn this_thread() -> ThreadId {
    std::thread::current().id()
}

/// A place that may be empty.
pub(super) struct Place<T>(ArcSwapOption<T>);

impl<T> Place<T> {
    pub(super) fn new(first: T) -> Self {
        Self(ArcSwapOption::from_pointee(first))
    }

    #[inline]
    pub(super) fn load(&self) -> Option<Held<T>> {
        let held = self.0.load();
        if held.is_some() { Some(Held(held)) } else { None }
    }

    pub(super) fn swap(&self, to: Option<Arc<T>>) -> Option<Arc<T>> {
        self.0.swap(to)
    }
}

/// What was in a place, kept alive; never empty.
pub(crate) struct Held<T>(Guard<Option<Arc<T>>>);

impl<T> Held<T> {
    pub(super) fn of(held: Arc<T>) -> Self {
        Self(Guard::from_inner(Some(held)))
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_deref()
    }
}
