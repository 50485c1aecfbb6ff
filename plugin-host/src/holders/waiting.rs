//! Waiting until nobody holds anything: woken by whoever drops the last.

use std::{
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use plugin_core::RootModule;

use super::{Holder, Loaded, is_linked};

/// How many times something was told.
static TOLD: Mutex<u64> = Mutex::new(0);
static CHANGED: Condvar = Condvar::new();

/// How many threads wait, for whatever plugin.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// How long to wait to be told before looking again. Another copy of plugin-host in the process may be the one that a plugin
/// tells.
const SPARSELY: Duration = Duration::from_millis(100);

/// Wakes those who wait, to look again: called by plugins and by handles, whenever the last of something is gone.
pub(crate) extern "C" fn tell() {
    if WAITING.load(SeqCst) > 0 {
        *TOLD.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        CHANGED.notify_all();
    }
}

/// A thread that waits for something of a plugin, and is told what changes from when this exists.
pub(crate) struct Waiting;

impl Waiting {
    pub(crate) fn new(root: &RootModule) -> Self {
        WAITING.fetch_add(1, SeqCst);
        if !is_linked(root) {
            root.ledger().watch(tell);
        }
        Self
    }

    /// Waits until `held` is empty, or until the deadline; what it is then. No lock is held while it is asked.
    pub(crate) fn until_empty(
        &self,
        deadline: Option<Instant>,
        held: impl Fn() -> Vec<Holder>,
    ) -> Vec<Holder> {
        loop {
            let told = *TOLD.lock().unwrap_or_else(PoisonError::into_inner);
            let holders = held();
            let left = left_until(deadline);
            if holders.is_empty() || left.is_zero() {
                return holders;
            }
            let guard = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
            let wait = CHANGED.wait_timeout_while(guard, left.min(SPARSELY), |now| *now == told);
            drop(wait.unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, SeqCst);
    }
}

/// What is left of the time; without a deadline, all of it.
pub(crate) fn left_until(deadline: Option<Instant>) -> Duration {
    deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()))
}

impl Loaded {
    /// Waits until nobody outside of the plugin holds anything of it, or until the deadline, if there is one; returns who still
    /// does. Threads of the plugin are none.
    ///
    /// It does not keep others from getting new objects meanwhile. Nothing of the plugin runs in this thread, and no lock is
    /// held. The caller is woken by whoever drops the last thing.
    pub(crate) fn wait_until_free(&self, deadline: Option<Instant>) -> Vec<Holder> {
        Waiting::new(self.root).until_empty(deadline, || self.outside())
    }
}
