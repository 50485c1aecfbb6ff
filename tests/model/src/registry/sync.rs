//! In the place of `plugin-host/src/registry/sync.rs`.

pub(super) use loom::{
    sync::{Condvar, Mutex, MutexGuard},
    thread::ThreadId,
};

pub(super) use std::collections::HashMap;

pub(super) fn this_thread() -> ThreadId {
    loom::thread::current().id()
}

/// Waits for a change and for nothing else: a wait that is not told of what it waits for would be found.
pub(super) fn wait<'a, T>(changed: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    changed.wait(guard).unwrap()
}
