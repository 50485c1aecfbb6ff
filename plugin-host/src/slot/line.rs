//! What the slots of a plugin lead to: one place for all of them, so that one store switches them all.
//!
//! Reading it waits for nobody, except while the plugin's state is handed over with calls held back. Then the place is
//! empty, and whoever finds it so waits until something is put there again. The thread that hands over does not wait for
//! itself: it goes on with what was there.

use std::sync::{PoisonError, atomic::Ordering::Acquire};

use super::sync::{Arc, Condvar, Held, Mutex, MutexGuard, Place, ThreadId, fence, this_thread};

/// A place that always leads to something, which is replaced as a whole.
pub(crate) struct Line<T> {
    place: Place<T>,
    held_back: Mutex<Option<HeldBack<T>>>,
    released: Condvar,
}

/// What was in the place, and who took it out.
struct HeldBack<T> {
    thread: ThreadId,
    from: Arc<T>,
}

/// Calls are held back until this is dropped.
pub(crate) struct Pause<'l, T> {
    line: &'l Line<T>,
    from: Arc<T>,
    /// What readers find afterwards.
    to: Option<Arc<T>>,
}

impl<T> Line<T> {
    pub(crate) fn new(first: T) -> Self {
        Self { place: Place::new(first), held_back: Mutex::new(None), released: Condvar::new() }
    }

    /// What is there now. It stays alive as long as the result does.
    #[inline]
    pub(crate) fn load(&self) -> Held<T> {
        match self.place.load() {
            Some(held) => held,
            None => self.wait(),
        }
    }

    #[cold]
    fn wait(&self) -> Held<T> {
        let mut held_back = self.lock();
        loop {
            // Under the lock, under which it is put back, too: what is missed here is not put back before this waits.
            if let Some(held) = self.place.load() {
                return held;
            }
            if let Some(HeldBack { from, .. }) = held_back.as_ref().filter(|by| by.thread == this_thread()) {
                return Held::of(Arc::clone(from));
            }
            held_back = self.released.wait(held_back).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Puts something else there, and returns what was there. Not while calls are held back.
    pub(crate) fn switch(&self, to: T) -> Option<Arc<T>> {
        self.place.swap(Some(Arc::new(to)))
    }

    /// Holds calls back: readers wait, until the result is dropped. One at a time, which the caller sees to.
    pub(crate) fn pause(&self) -> Option<Pause<'_, T>> {
        let mut held_back = self.lock();
        let from = self.place.swap(None)?;
        *held_back = Some(HeldBack { thread: this_thread(), from: Arc::clone(&from) });
        Some(Pause { line: self, from, to: None })
    }

    fn lock(&self) -> MutexGuard<'_, Option<HeldBack<T>>> {
        self.held_back.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Pause<'_, T> {
    /// Whether nobody uses any more what was there.
    pub(crate) fn is_quiet(&self) -> bool {
        // One here, and one for this thread's own calls.
        let is_quiet = Arc::strong_count(&self.from) <= 2;
        // The count alone does not say that what those calls did is seen here, and the state that is saved is to have it.
        fence(Acquire);
        is_quiet
    }

    /// Lets readers go on with something else, and returns what was there.
    pub(crate) fn switch(mut self, to: T) -> Arc<T> {
        self.to = Some(Arc::new(to));
        Arc::clone(&self.from)
    }
}

impl<T> Drop for Pause<'_, T> {
    fn drop(&mut self) {
        let mut held_back = self.line.lock();
        let to = self.to.take().unwrap_or_else(|| Arc::clone(&self.from));
        self.line.place.swap(Some(to));
        let before = held_back.take();
        drop(held_back);
        self.line.released.notify_all();
        // Not under the lock: it may be the last one, and what ends with it runs a plugin's code.
        drop(before);
    }
}
