//! One load at a time, so that a load that would wait for ever is an error.
//!
//! The system's loader runs constructors under a lock of its own: another thread's load waits until they end. If a
//! constructor waits for that other thread, both wait for ever, and nobody can wake them. So threads take turns here first,
//! where a wait can end, before they call anything of the loader. That costs nothing: they would take turns there.
#![forbid(unsafe_code)]

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
    time::Duration,
};

use super::LoadError;

/// How long a load waits for another one. Mapping a library takes milliseconds; constructors of good plugins are as short.
const PATIENCE: Duration = Duration::from_secs(10);

static LOADING: Mutex<Loading> = Mutex::new(Loading { by: None, waiting: 0 });
static ENDED: Condvar = Condvar::new();

struct Loading {
    /// The thread that is loading, and what: a constructor may load more, the innermost is last.
    by: Option<(ThreadId, Vec<PathBuf>)>,
    /// How many threads wait for it. Where there are none, nobody is woken, which would be a system call.
    waiting: usize,
}

impl Loading {
    fn is_by_another(&self, this_thread: ThreadId) -> bool {
        self.by.as_ref().is_some_and(|(thread, _)| *thread != this_thread)
    }
}

/// The right of a thread to load, until it is dropped.
pub(crate) struct Turn(());

/// Waits for loads in other threads of this program.
pub(crate) fn take(path: &Path) -> Result<Turn, LoadError> {
    let this_thread = thread::current().id();
    let mut loading = lock();
    if loading.is_by_another(this_thread) {
        loading.waiting += 1;
        (loading, _) = ENDED
            .wait_timeout_while(loading, PATIENCE, |loading| loading.is_by_another(this_thread))
            .unwrap_or_else(PoisonError::into_inner);
        loading.waiting -= 1;
    }
    let (thread, paths) = loading.by.get_or_insert_with(|| (this_thread, Vec::new()));
    if *thread != this_thread {
        return Err(LoadError::Blocked {
            path: path.to_owned(),
            loading: paths.last().cloned().unwrap_or_default(),
            waited: PATIENCE,
        });
    }
    paths.push(path.to_owned());
    Ok(Turn(()))
}

/// To be called before whatever asks the loader unnoticed: a thread's first look at what hosts have open registers a
/// destructor of a thread-local, for which glibc takes the loader's lock. `first` does so, once in each thread.
pub(crate) fn enter(path: &Path, first: impl FnOnce()) -> Result<(), LoadError> {
    thread_local! {
        static HAS_ENTERED: Cell<bool> = const { Cell::new(false) };
    }
    if !HAS_ENTERED.get() {
        let _turn = take(path)?;
        first();
        HAS_ENTERED.set(true);
    }
    Ok(())
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut loading = lock();
        let Some((_, paths)) = &mut loading.by else {
            return;
        };
        paths.pop();
        if paths.is_empty() {
            loading.by = None;
            if loading.waiting > 0 {
                ENDED.notify_all();
            }
        }
    }
}

fn lock() -> MutexGuard<'static, Loading> {
    LOADING.lock().unwrap_or_else(PoisonError::into_inner)
}
