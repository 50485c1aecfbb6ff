//! What [`openings`](super::openings) waits with. The model of it (`tests/model`) has another file in this one's place.

pub(super) use std::{
    sync::{Condvar, Mutex, MutexGuard},
    thread::ThreadId,
};

pub(super) fn this_thread() -> ThreadId {
    std::thread::current().id()
}
