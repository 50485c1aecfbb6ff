//! Each file once: concurrent openers wait for the first, and a failure leaves nothing behind.
//!
//! The map is that of all hosts of the program, because the system loads a file once: its statics, its `#[init]` and its
//! objects exist once, whichever host opened it. A plugin that links a copy of this crate has a map of its own; that
//! `#[init]` runs once all the same is kept by the root module.
#![forbid(unsafe_code)]

use std::{
    collections::{HashMap, hash_map::Entry},
    path::Path,
    sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

use crate::{error::OpenError, file::FileIdentity, plugin::Plugin};

#[derive(Default)]
struct Registry {
    slots: HashMap<FileIdentity, Slot>,
    /// Which file each waiting thread waits for.
    waiting: HashMap<ThreadId, FileIdentity>,
}

enum Slot {
    /// Being opened by a thread.
    Opening(ThreadId),
    /// Open, for ever.
    Open(Plugin),
}

static REGISTRY: LazyLock<Mutex<Registry>> = LazyLock::new(Mutex::default);
static CHANGED: Condvar = Condvar::new();

/// Returns the open plugin, or runs `open` while others who want the same file wait. No lock is held meanwhile: `open`
/// may open other files. Whoever would wait for itself, directly or through other threads, gets an error.
pub(crate) fn open_once(
    identity: FileIdentity,
    path: &Path,
    open: impl FnOnce() -> Result<Plugin, OpenError>,
) -> Result<Plugin, OpenError> {
    let this_thread = thread::current().id();
    let mut registry = lock();
    loop {
        match registry.slots.entry(identity) {
            Entry::Vacant(entry) => {
                entry.insert(Slot::Opening(this_thread));
                break;
            }
            Entry::Occupied(entry) => {
                if let Slot::Open(plugin) = entry.get() {
                    return Ok(plugin.clone());
                }
            }
        }
        if registry.leads_to(identity, this_thread) {
            return Err(OpenError::Cycle { path: path.to_owned() });
        }
        registry.waiting.insert(this_thread, identity);
        registry = CHANGED.wait(registry).unwrap_or_else(PoisonError::into_inner);
        registry.waiting.remove(&this_thread);
    }
    drop(registry);

    let claim = Claim { identity };
    let opened = open();
    if let Ok(plugin) = &opened {
        lock().slots.insert(identity, Slot::Open(plugin.clone()));
    }
    drop(claim);
    opened
}

impl Registry {
    /// Whether the opening of a file waits, through however many threads, for `thread`.
    fn leads_to(&self, mut identity: FileIdentity, thread: ThreadId) -> bool {
        // Each step follows another thread: more steps than threads would be a cycle without `thread` in it, whose last
        // thread was refused before it could wait.
        for _ in 0..=self.waiting.len() {
            match self.slots.get(&identity) {
                Some(Slot::Opening(opener)) if *opener == thread => return true,
                Some(Slot::Opening(opener)) => match self.waiting.get(opener) {
                    Some(next) => identity = *next,
                    None => return false,
                },
                Some(Slot::Open(_)) | None => return false,
            }
        }
        false
    }
}

/// Gives the slot back when the opening ends without a plugin, by an error or a panic, and wakes who waits.
struct Claim {
    identity: FileIdentity,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut registry = lock();
        if let Some(Slot::Opening(_)) = registry.slots.get(&self.identity) {
            registry.slots.remove(&self.identity);
        }
        CHANGED.notify_all();
    }
}

fn lock() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Barrier};

    use super::*;

    /// Two threads, each of which opens a file whose start opens the other's.
    #[test]
    fn threads_that_would_wait_for_each_other_get_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let identities: [FileIdentity; 2] = ["one", "other"].map(|name| {
            let path = directory.path().join(name);
            std::fs::write(&path, "x").unwrap();
            FileIdentity::at(&path).unwrap()
        });
        let both_opening = Arc::new(Barrier::new(2));
        let fails = |name: &str| OpenError::NotFound { name: name.to_owned(), searched: Vec::new() };
        let threads = [(0, 1), (1, 0)].map(|(own, others)| {
            let both_opening = Arc::clone(&both_opening);
            thread::spawn(move || {
                let mut inner = None;
                let outer = open_once(identities[own], Path::new("own"), || {
                    both_opening.wait();
                    inner = Some(open_once(identities[others], Path::new("others"), || Err(fails("others"))));
                    Err(fails("own"))
                });
                (outer, inner)
            })
        });
        let inner = threads.map(|thread| thread.join().unwrap().1.unwrap().unwrap_err());
        let cycles = inner.iter().filter(|error| matches!(error, OpenError::Cycle { .. })).count();
        assert_eq!(cycles, 1, "one waits, and the one that would close the circle does not: {inner:?}");
    }
}
