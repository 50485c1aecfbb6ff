//! What [`openings`](super::openings) waits with. The model of it (`tests/model`) has another file in this one's place.

pub(super) use std::{
    sync::{Condvar, Mutex, MutexGuard},
    thread::ThreadId,
};

use std::{sync::PoisonError, time::Duration};

use foldhash::fast::FixedState;

/// Each open asks several of them several times.
pub(super) type HashMap<K, V> = std::collections::HashMap<K, V, FixedState>;

/// How often a thread that waits looks for what nobody tells it: what happens in other copies of this crate.
const LOOK: Duration = Duration::from_millis(20);

pub(super) fn this_thread() -> ThreadId {
    std::thread::current().id()
}

/// Waits for a change, or for some time.
pub(super) fn wait<'a, T>(changed: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    changed.wait_timeout(guard, LOOK).unwrap_or_else(PoisonError::into_inner).0
}
