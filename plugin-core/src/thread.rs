//! Threads that end with the plugin.
//!
//! A library is never unmapped, so a thread that a plugin forgot goes on for ever, in code that the host believes to be shut
//! down. A thread that is started here has a name, is told when the plugin is to stop, and is waited for by the host's
//! `Plugin::shutdown`, which names those that do not stop in time.
//!
//! ```
//! use std::time::Duration;
//!
//! /// In `#[init]`, say.
//! fn start() -> std::io::Result<()> {
//!     plugin_core::thread::spawn("ticker", |stop| {
//!         while !stop.wait_timeout(Duration::from_secs(1)) {
//!             // Once a second, until the plugin stops.
//!         }
//!     })?;
//!     Ok(())
//! }
//! # start().unwrap();
//! ```
#![forbid(unsafe_code)]

use std::{
    fmt, io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::Builder,
    time::Duration,
};

use crate::{
    abi::{RString, RVec},
    guard::Outcome,
    held::ledger,
    runtime,
};

/// Starts a thread of the plugin.
///
/// The name is what a host reports of a thread that does not stop, and what the system shows, as far as it shows names.
/// `body` learns from its [`Stop`] when the plugin stops. A panic in it ends the thread, and is reported as every panic of the
/// plugin is.
///
/// The thread is told to stop before the plugin's `#[shutdown]` runs, which may [join](JoinHandle::join) it.
///
/// In a plugin that is linked into its host the thread runs as well, but nobody stops it for the plugin: counts and threads
/// belong to the copy of this crate, which is the whole program's. Have `#[shutdown]` call [`JoinHandle::stop`].
///
/// # Errors
///
/// What the system says to one more thread, and [`io::ErrorKind::InvalidInput`] for a name with a NUL in it.
pub fn spawn<F, T>(name: &str, body: F) -> io::Result<JoinHandle<T>>
where
    F: FnOnce(&Stop) -> T + Send + 'static,
    T: Send + 'static,
{
    if name.contains('\0') {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the name of a thread contains no NUL"));
    }
    let stop = Stop::default();
    let running = Running::register(name, &stop);
    let handle = Builder::new().name(name.to_owned()).spawn(move || {
        // Ends after all that the body owns.
        let running = running;
        runtime::around(|| body(&running.0))
    })?;
    Ok(JoinHandle { handle, stop })
}

/// Whether the plugin stops: from before its `#[shutdown]` runs.
///
/// For code that is not in a thread of [`spawn`], which has its [`Stop`].
#[must_use]
pub fn stopping() -> bool {
    ledger().is_stopping()
}

/// Tells a thread that it is to stop.
///
/// Clones tell the same.
#[derive(Clone, Default)]
pub struct Stop(Arc<Signal>);

#[derive(Default)]
struct Signal {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    /// Whether the thread is to stop.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self.lock()
    }

    /// Waits until the thread is to stop.
    pub fn wait(&self) {
        let wait = self.0.changed.wait_while(self.lock(), |is_set| !*is_set);
        drop(wait.unwrap_or_else(PoisonError::into_inner));
    }

    /// Sleeps, but no longer than until the thread is to stop; whether it is.
    #[must_use]
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        let wait = self.0.changed.wait_timeout_while(self.lock(), timeout, |is_set| !*is_set);
        *wait.unwrap_or_else(PoisonError::into_inner).0
    }

    fn set(&self) {
        *self.lock() = true;
        self.0.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.0.is_set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stop({})", self.is_set())
    }
}

/// A thread of the plugin; dropping it leaves the thread running.
#[derive(Debug)]
pub struct JoinHandle<T> {
    handle: std::thread::JoinHandle<T>,
    stop: Stop,
}

impl<T> JoinHandle<T> {
    /// Tells the thread to stop, before the plugin stops.
    pub fn stop(&self) {
        self.stop.set();
    }

    /// Waits for the thread's end.
    ///
    /// # Errors
    ///
    /// The panic that ended it.
    pub fn join(self) -> std::thread::Result<T> {
        self.handle.join()
    }

    /// Whether it has ended, or is about to.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }
}

static RUNNING: Mutex<Vec<(Stop, String)>> = Mutex::new(Vec::new());

fn running() -> MutexGuard<'static, Vec<(Stop, String)>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread that is in the list.
struct Running(Stop);

impl Running {
    fn register(name: &str, stop: &Stop) -> Self {
        ledger().register(&THREADS);
        running().push((stop.clone(), name.to_owned()));
        if ledger().is_stopping() {
            stop.set();
        }
        Self(stop.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        running().retain(|(stop, _)| !Arc::ptr_eq(&stop.0, &self.0.0));
        ledger().tell();
    }
}

/// What a host does with the threads of a plugin.
#[doc(hidden)]
#[repr(C)]
#[derive(Debug)]
pub struct Threads {
    stop: extern "C" fn() -> Outcome<()>,
    names: extern "C" fn() -> Outcome<RVec<RString>>,
}

static THREADS: Threads = Threads { stop, names };

impl Threads {
    /// Tells those that run to stop.
    pub(crate) fn stop(&self) {
        // Sets flags: nothing to report.
        let _ = (self.stop)().into_result();
    }

    /// The names of those that run.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = (self.names)().into_result().unwrap_or_default();
        names.into_iter().map(RString::into_string).collect()
    }
}

extern "C" fn stop() -> Outcome<()> {
    Outcome::of(|| running().iter().for_each(|(stop, _)| stop.set()))
}

extern "C" fn names() -> Outcome<RVec<RString>> {
    Outcome::of(|| running().iter().map(|(_, name)| name.as_str().into()).collect())
}
