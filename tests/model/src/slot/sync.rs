//! In the place of `plugin-host/src/slot/sync.rs`.

pub(crate) use loom::{
    sync::{Condvar, Mutex, MutexGuard, atomic::fence},
    thread::ThreadId,
};

use std::{mem, ops::Deref, sync};

use loom::sync::atomic::{
    self,
    Ordering::{self, Acquire, Relaxed, Release, SeqCst},
};

pub(crate) fn this_thread() -> ThreadId {
    loom::thread::current().id()
}

/// `loom` takes `SeqCst` for `AcqRel` anywhere but in fences; one before each step is what puts the steps in one order.
fn ordered<A>(atomic: &A, ordering: Ordering) -> &A {
    if ordering == SeqCst {
        fence(SeqCst);
    }
    atomic
}

#[derive(Debug, Default)]
pub(crate) struct AtomicBool(atomic::AtomicBool);

impl AtomicBool {
    pub(crate) fn load(&self, ordering: Ordering) -> bool {
        ordered(&self.0, ordering).load(ordering)
    }

    pub(crate) fn store(&self, value: bool, ordering: Ordering) {
        ordered(&self.0, ordering).store(value, ordering);
    }

    pub(crate) fn swap(&self, value: bool, ordering: Ordering) -> bool {
        ordered(&self.0, ordering).swap(value, ordering)
    }
}

#[derive(Debug, Default)]
pub(crate) struct AtomicUsize(atomic::AtomicUsize);

impl AtomicUsize {
    pub(crate) fn load(&self, ordering: Ordering) -> usize {
        ordered(&self.0, ordering).load(ordering)
    }

    pub(crate) fn fetch_add(&self, value: usize, ordering: Ordering) -> usize {
        ordered(&self.0, ordering).fetch_add(value, ordering)
    }
}

/// Counts as `std` does. In the `Arc` of `loom` whoever asks for the count sees all that was done before it fell, which `std`
/// does not promise.
pub(crate) struct Arc<T>(sync::Arc<Counted<T>>);

struct Counted<T> {
    count: atomic::AtomicUsize,
    value: T,
}

impl<T> Arc<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(sync::Arc::new(Counted { count: atomic::AtomicUsize::new(1), value }))
    }

    pub(crate) fn strong_count(this: &Self) -> usize {
        this.0.count.load(Relaxed)
    }
}

impl<T> Clone for Arc<T> {
    fn clone(&self) -> Self {
        self.0.count.fetch_add(1, Relaxed);
        Self(sync::Arc::clone(&self.0))
    }
}

impl<T> Drop for Arc<T> {
    fn drop(&mut self) {
        // No other thread has its turn between this and the end of the field, which ends the value if it is the last one.
        if self.0.count.fetch_sub(1, Release) == 1 {
            fence(Acquire);
        }
    }
}

impl<T> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

/// In place of `arc_swap`, whose own atomics `loom` does not see: its load and its swap are steps that cannot be divided.
pub(crate) struct Place<T>(Mutex<Option<Arc<T>>>);

impl<T> Place<T> {
    pub(crate) fn new(first: T) -> Self {
        Self(Mutex::new(Some(Arc::new(first))))
    }

    pub(crate) fn load(&self) -> Option<Held<T>> {
        self.0.lock().unwrap().clone().map(Held)
    }

    pub(crate) fn swap(&self, to: Option<Arc<T>>) -> Option<Arc<T>> {
        mem::replace(&mut *self.0.lock().unwrap(), to)
    }
}

/// What was in a place, kept alive.
pub(crate) struct Held<T>(Arc<T>);

impl<T> Held<T> {
    pub(crate) fn of(held: Arc<T>) -> Self {
        Self(held)
    }

    pub(crate) fn get(&self) -> Option<&T> {
        Some(&self.0)
    }
}
