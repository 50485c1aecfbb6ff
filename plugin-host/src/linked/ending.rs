//! What the linked plugins of a program share, because they share one copy of `plugin-core`, and what ends with the last
//! of them: the tokio runtime and the threads that plugins start through it.
#![forbid(unsafe_code)]

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Who uses it.
struct Users {
    started: usize,
    is_ending: bool,
}

static USERS: Mutex<Users> = Mutex::new(Users { started: 0, is_ending: false });
static ENDED: Condvar = Condvar::new();

/// One more linked plugin is being started. Waits while what they share is being ended, so that what the plugin starts is
/// not ended with what others left.
pub(crate) fn hold() {
    let mut users = lock();
    while users.is_ending {
        users = ENDED.wait(users).unwrap_or_else(PoisonError::into_inner);
    }
    users.started += 1;
}

/// One less: runs `end` if that was the last one.
pub(crate) fn release<T>(end: impl FnOnce() -> T) -> Option<T> {
    let is_last = {
        let mut users = lock();
        users.started = users.started.saturating_sub(1);
        users.is_ending = users.started == 0;
        users.is_ending
    };
    // No lock is held while the plugins' tasks are dropped.
    let ended = is_last.then(end);
    if is_last {
        lock().is_ending = false;
        ENDED.notify_all();
    }
    ended
}

fn lock() -> MutexGuard<'static, Users> {
    USERS.lock().unwrap_or_else(PoisonError::into_inner)
}
