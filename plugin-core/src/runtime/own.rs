//! A plugin's own tokio.

use core::{
    ptr,
    sync::atomic::{AtomicPtr, AtomicUsize, Ordering},
    time::Duration,
};
use std::sync::{Arc, PoisonError};

use tokio::runtime::{Builder, EnterGuard, Handle};

use super::{RUNTIME, Runtime};

/// Threads for tasks that the plugin spawns, and for its timers and sockets. Two, so that a task that computes for long
/// does not stop every timer.
const WORKERS: usize = 2;

/// The runtime's handle. A stopped runtime's stays: what is polled then is told that it is stopped.
static HANDLE: AtomicPtr<Handle> = AtomicPtr::new(ptr::null_mut());

/// Enters the plugin's runtime until the result is dropped; starts it first, if need be.
///
/// A thread that is in a runtime of this copy of tokio stays there: one of the runtime's own, and, where the plugin is
/// linked into its host, one of the host's.
pub(crate) fn enter() -> Option<EnterGuard<'static>> {
    match Handle::try_current() {
        Ok(_) => None,
        // A thread that is ending, in the destructor of one of its locals: there is nothing to enter any more.
        Err(error) if error.is_thread_local_destroyed() => None,
        Err(_) => handle().map(Handle::enter),
    }
}

fn handle() -> Option<&'static Handle> {
    let handle = HANDLE.load(Ordering::Acquire);
    // SAFETY: null, or from `start`, which leaks it.
    unsafe { handle.as_ref() }.or_else(start)
}

/// Starts the runtime, unless somebody else has, or it was stopped for good.
#[cold]
fn start() -> Option<&'static Handle> {
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Runtime::Unstarted = *runtime {
        let threads = Arc::new(AtomicUsize::new(0));
        let (started, stopped) = (Arc::clone(&threads), Arc::clone(&threads));
        let built = Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("plugin-tokio")
            .on_thread_start(move || _ = started.fetch_add(1, Ordering::Relaxed))
            .on_thread_stop(move || _ = stopped.fetch_sub(1, Ordering::Release))
            .enable_all()
            .build();
        let built = match built {
            Ok(built) => built,
            Err(error) => panic!("the plugin's tokio runtime does not start: {error}"),
        };
        // One for each start of the plugin, of which all but the last failed.
        HANDLE.store(Box::into_raw(Box::new(built.handle().clone())), Ordering::Release);
        let stop = Box::new(move |for_good, patience| stop(built, for_good, patience));
        *runtime = Runtime::Running(stop, threads);
    }
    // SAFETY: null, or leaked, here or by whoever started it.
    unsafe { HANDLE.load(Ordering::Acquire).as_ref() }
}

fn stop(runtime: tokio::runtime::Runtime, for_good: bool, patience: Duration) -> Result<(), String> {
    if !for_good {
        HANDLE.store(ptr::null_mut(), Ordering::Release);
    }
    // From a thread of its own, because this one may be in a runtime, where tokio refuses to wait.
    let stopping = std::thread::Builder::new().spawn(move || runtime.shutdown_timeout(patience));
    match stopping.map(std::thread::JoinHandle::join) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err("stopping the plugin's tokio runtime panicked".to_owned()),
        Err(error) => Err(format!("the plugin's tokio runtime cannot be stopped: {error}")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_is_in_a_runtime_stays_in_it() {
        let entered = enter();
        assert!(entered.is_some());
        let own = Handle::current().id();
        assert!(enter().is_none(), "it is in the plugin's");
        drop(entered);
        assert!(Handle::try_current().is_err());

        // As where the plugin is linked into a host with one.
        let hosts = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        hosts.block_on(async {
            assert!(enter().is_none());
            assert_ne!(Handle::current().id(), own);
        });
        assert_eq!(enter().map(|_entered| Handle::current().id()), Some(own));
    }

    #[test]
    fn a_thread_that_is_ending_does_not_panic() {
        struct Last;
        impl Drop for Last {
            fn drop(&mut self) {
                // A panic in here would end the process.
                drop(enter());
            }
        }
        thread_local!(static LAST: Last = const { Last });
        let ending = std::thread::spawn(|| {
            LAST.with(|_| ());
            drop(enter());
        });
        ending.join().unwrap();
    }
}
