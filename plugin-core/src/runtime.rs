//! The runtime that a plugin's code finds itself in: none, or a tokio of the plugin's own (feature `tokio`).
//!
//! A loaded plugin has its own copy of tokio, which knows nothing of the host's: without this, `tokio::spawn` and timers in a
//! plugin would find no runtime, whatever executor the host has. With the feature, a future of the plugin is polled and
//! dropped inside a runtime of the plugin, started when it is first needed. It is known here by what stops it, so that a
//! plugin without futures has none of tokio's code, even where cargo built it with the feature for another's sake.
//!
//! Plugins that are linked into one program share one copy of tokio, and so one runtime; a thread that is in a runtime of the
//! program's stays in that. Their host stops it with the last of them.

#[cfg(feature = "tokio")]
mod own;

#[cfg(feature = "tokio")]
use core::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
#[cfg(feature = "tokio")]
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::root::Fallible;

/// What stops a plugin's runtime, for good or not, and waits for so many milliseconds; returns how many of its threads run.
pub(crate) type StopRuntimeFn = extern "C" fn(bool, u64) -> Fallible<usize>;

/// Stops the plugin's runtime; nothing without the feature, since even a function that does nothing takes space.
#[cfg(feature = "tokio")]
pub(crate) const STOP: Option<StopRuntimeFn> = Some(stop);
#[cfg(not(feature = "tokio"))]
pub(crate) const STOP: Option<StopRuntimeFn> = None;

/// What stops a runtime, for good or not: cancels its tasks and waits for its threads.
#[cfg(feature = "tokio")]
type Stop = Box<dyn FnOnce(bool, Duration) -> Result<(), String> + Send>;

/// How many threads of a runtime run.
#[cfg(feature = "tokio")]
type Threads = Arc<AtomicUsize>;

#[cfg(feature = "tokio")]
enum Runtime {
    Unstarted,
    Running(Stop, Threads),
    /// For good: what is polled after a shutdown finds no runtime, or a stopped one.
    Stopped(Option<Threads>),
}

#[cfg(feature = "tokio")]
static RUNTIME: Mutex<Runtime> = Mutex::new(Runtime::Unstarted);

/// Enters the plugin's runtime until the result is dropped.
#[cfg(feature = "tokio")]
pub(crate) use own::enter;

/// What runs a synchronous entry inside the plugin's runtime, if the plugin asked for that.
#[cfg(feature = "tokio")]
static AROUND: OnceLock<fn(&mut dyn FnMut())> = OnceLock::new();

/// Runs a synchronous entry: in the plugin's runtime, if the plugin asked for that, else as it is.
#[cfg(feature = "tokio")]
#[inline]
pub(crate) fn around<R>(body: impl FnOnce() -> R) -> R {
    match AROUND.get() {
        None => body(),
        Some(around) => {
            let (mut body, mut result) = (Some(body), None);
            around(&mut || result = body.take().map(|body| body()));
            match result {
                Some(result) => result,
                None => unreachable!("what is run around a body runs it"),
            }
        }
    }
}

/// Runs a synchronous entry.
#[cfg(not(feature = "tokio"))]
#[inline(always)]
pub(crate) fn around<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// Prepares a plugin of whose synchronous functions each is to run in the runtime, too. That is all of this library, so
/// in a program with linked plugins it is those of all of them.
#[cfg(feature = "tokio")]
pub(crate) extern "C" fn prepare_all(is_linked: bool) {
    crate::guard::prepare(is_linked);
    // Set before by an earlier start, to the same.
    let _ = AROUND.set(|body| {
        let _entered = enter();
        body();
    });
}

/// There is nothing to enter.
#[cfg(not(feature = "tokio"))]
pub(crate) const fn enter() -> Nowhere {
    Nowhere
}

/// Where code runs without a runtime.
#[cfg(not(feature = "tokio"))]
pub(crate) struct Nowhere;

/// Stops the plugin's runtime, if it has one; `for_good` if no other may be started. Called again, it waits again.
#[cfg(feature = "tokio")]
extern "C" fn stop(for_good: bool, milliseconds: u64) -> Fallible<usize> {
    let deadline = std::time::Instant::now().checked_add(Duration::from_millis(milliseconds));
    let left = || match deadline {
        Some(deadline) => deadline.saturating_duration_since(std::time::Instant::now()),
        None => Duration::MAX,
    };
    crate::root::fallible(|| {
        let (stop, threads) = {
            let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
            let (stop, threads) = match core::mem::replace(&mut *runtime, Runtime::Unstarted) {
                Runtime::Unstarted => (None, None),
                Runtime::Running(stop, threads) => (Some(stop), Some(threads)),
                Runtime::Stopped(threads) => (None, threads),
            };
            if for_good {
                *runtime = Runtime::Stopped(threads.clone());
            }
            (stop, threads)
        };
        if let Some(stop) = stop {
            stop(for_good, left())?;
        }
        let Some(threads) = threads else { return Ok(0) };
        while threads.load(Ordering::Acquire) > 0 && !left().is_zero() {
            std::thread::sleep(left().min(Duration::from_millis(5)));
        }
        Ok(threads.load(Ordering::Acquire))
    })
}
