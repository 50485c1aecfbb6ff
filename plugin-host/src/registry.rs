//! Each file once: concurrent openers wait for the first, and a failure leaves nothing behind.
//!
//! The map is the process's, because a library is: the system loads a file once, so its statics, its `#[init]` and its
//! objects exist once, whichever host opened it.
#![forbid(unsafe_code)]

use std::{
    collections::{HashMap, hash_map::Entry},
    path::Path,
    sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

use crate::{error::OpenError, file::FileIdentity, plugin::Plugin};

enum Slot {
    /// Being opened by a thread.
    Opening(ThreadId),
    /// Open, for ever.
    Open(Plugin),
}

static SLOTS: LazyLock<Mutex<HashMap<FileIdentity, Slot>>> = LazyLock::new(Mutex::default);
static CHANGED: Condvar = Condvar::new();

/// Returns the open plugin, or runs `open` while others who want the same file wait. No lock is held meanwhile: `open`
/// may open other files.
pub(crate) fn open_once(
    identity: FileIdentity,
    path: &Path,
    open: impl FnOnce() -> Result<Plugin, OpenError>,
) -> Result<Plugin, OpenError> {
    let this_thread = thread::current().id();
    let mut slots = lock();
    loop {
        match slots.entry(identity) {
            Entry::Vacant(entry) => {
                entry.insert(Slot::Opening(this_thread));
                break;
            }
            Entry::Occupied(entry) => match entry.get() {
                Slot::Open(plugin) => return Ok(plugin.clone()),
                Slot::Opening(thread) if *thread == this_thread => {
                    return Err(OpenError::Cycle { path: path.to_owned() });
                }
                Slot::Opening(_) => {}
            },
        }
        slots = CHANGED.wait(slots).unwrap_or_else(PoisonError::into_inner);
    }
    drop(slots);

    let claim = Claim { identity };
    let opened = open();
    if let Ok(plugin) = &opened {
        lock().insert(identity, Slot::Open(plugin.clone()));
    }
    drop(claim);
    opened
}

/// Gives the slot back when the opening ends without a plugin, by an error or a panic, and wakes who waits.
struct Claim {
    identity: FileIdentity,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut slots = lock();
        if let Some(Slot::Opening(_)) = slots.get(&self.identity) {
            slots.remove(&self.identity);
        }
        CHANGED.notify_all();
    }
}

fn lock() -> MutexGuard<'static, HashMap<FileIdentity, Slot>> {
    SLOTS.lock().unwrap_or_else(PoisonError::into_inner)
}
