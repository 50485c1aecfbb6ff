//! Who opens what, and who waits for whom.
//!
//! Openers of one thing wait for the first; a failure leaves nothing behind; whoever would wait for itself, directly or
//! through other threads, is told the whole cycle instead. No lock is held while something is being opened.
//!
//! `tests/model` runs this very file through every order in which threads can take their turns.

use std::{hash::Hash, sync::PoisonError};

use super::sync::{Condvar, HashMap, Mutex, MutexGuard, ThreadId, this_thread, wait};

/// What is open or being opened: `K` names a thing, `V` is what it became, `S` says what a thread is doing.
pub(crate) struct Openings<K, V, S> {
    state: Mutex<State<K, V, S>>,
    changed: Condvar,
}

struct State<K, V, S> {
    open: HashMap<K, V>,
    claimed: HashMap<K, Claim>,
    /// What each thread is opening, the outermost first: something that is being opened may open others.
    steps: HashMap<ThreadId, Vec<S>>,
    /// What each waiting thread waits for.
    waiting: HashMap<ThreadId, K>,
}

/// By whom something is being opened, and at which depth of what that thread opens.
#[derive(Clone, Copy)]
struct Claim {
    thread: ThreadId,
    depth: usize,
}

/// Whose turn it is.
#[derive(Debug)]
pub(crate) enum Turn<V> {
    /// Nobody's: it is open.
    Open(V),
    /// The caller's, until its [`Opening`] ends.
    Ours,
}

/// What would wait for itself: each step opens the next, and the last one opens the first.
#[derive(Debug)]
pub(crate) struct Cycle<S>(pub(crate) Vec<S>);

/// One thread's attempt to open something. When it ends, by whatever way, what it claimed and did not open is free again.
pub(crate) struct Opening<'a, K: Eq + Hash + Clone, V: Clone, S: Clone> {
    openings: &'a Openings<K, V, S>,
    thread: ThreadId,
    depth: usize,
    claimed: Vec<K>,
}

impl<K: Eq + Hash + Clone, V: Clone, S: Clone> Openings<K, V, S> {
    pub(crate) fn new() -> Self {
        let state = State {
            open: HashMap::default(),
            claimed: HashMap::default(),
            steps: HashMap::default(),
            waiting: HashMap::default(),
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Says that this thread is opening something: `step` is how a cycle names it.
    pub(crate) fn begin(&self, step: S) -> Opening<'_, K, V, S> {
        let thread = this_thread();
        let mut state = self.lock();
        let steps = state.steps.entry(thread).or_default();
        steps.push(step);
        Opening { openings: self, thread, depth: steps.len() - 1, claimed: Vec::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<K, V, S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Clone, V: Clone, S: Clone> Opening<'_, K, V, S> {
    /// Returns what is open, or gives the caller the turn to open it, after whoever has it now.
    ///
    /// While the caller waits, `look` is asked now and then whether that leads to a cycle, of which others may know more. It is
    /// given the step around this opening, the one that is waited for, and the cycle that is known here.
    pub(crate) fn claim(
        &mut self,
        key: K,
        mut look: impl FnMut(Option<&S>, &S, Option<Cycle<S>>) -> Option<Cycle<S>>,
    ) -> Result<Turn<V>, Cycle<S>> {
        let mut state = self.openings.lock();
        loop {
            if let Some(value) = state.open.get(&key) {
                return Ok(Turn::Open(value.clone()));
            }
            let Some(claim) = state.claimed.get(&key).copied() else {
                state.claimed.insert(key.clone(), Claim { thread: self.thread, depth: self.depth });
                self.claimed.push(key);
                return Ok(Turn::Ours);
            };
            let cycle = state.cycle(&key, self.thread);
            let outer = self.outer().and_then(|outer| state.step(outer));
            if let Some(cycle) = state.step(claim).and_then(|awaited| look(outer, awaited, cycle)) {
                return Err(cycle);
            }
            state.waiting.insert(self.thread, key.clone());
            state = wait(&self.openings.changed, state);
            state.waiting.remove(&self.thread);
        }
    }

    /// Changes what a cycle says of this opening.
    pub(crate) fn amend(&self, amend: impl FnOnce(&mut S)) {
        let mut state = self.openings.lock();
        state.steps.get_mut(&self.thread).and_then(|steps| steps.get_mut(self.depth)).map(amend);
    }

    /// The step around this opening, if another one led to it.
    pub(crate) fn outer_step(&self) -> Option<S> {
        self.openings.lock().step(self.outer()?).cloned()
    }

    fn outer(&self) -> Option<Claim> {
        Some(Claim { thread: self.thread, depth: self.depth.checked_sub(1)? })
    }

    /// Something that is claimed is open from now on, for everybody.
    pub(crate) fn opened(&self, key: K, value: V) {
        self.openings.lock().open.insert(key, value);
    }
}

impl<K: Eq + Hash + Clone, V: Clone, S: Clone> Drop for Opening<'_, K, V, S> {
    fn drop(&mut self) {
        let mut state = self.openings.lock();
        for key in &self.claimed {
            state.claimed.remove(key);
        }
        if let Some(steps) = state.steps.get_mut(&self.thread) {
            steps.pop();
            if steps.is_empty() {
                state.steps.remove(&self.thread);
            }
        }
        // Waking is a system call.
        if !state.waiting.is_empty() {
            self.openings.changed.notify_all();
        }
    }
}

impl<K: Eq + Hash, V, S: Clone> State<K, V, S> {
    fn step(&self, claim: Claim) -> Option<&S> {
        self.steps.get(&claim.thread)?.get(claim.depth)
    }

    /// The steps from the opening of `key` back to it, if `thread` has to end its own for that.
    fn cycle<'a>(&'a self, mut key: &'a K, thread: ThreadId) -> Option<Cycle<S>> {
        let mut cycle = Vec::new();
        // Each round goes on to another thread: more rounds than threads would be a cycle without `thread` in it, whose
        // last thread was refused before it could wait.
        for _ in 0..=self.waiting.len() {
            let claim = self.claimed.get(key)?;
            // The innermost step of a thread that waits is what it waits for, which is named by who opens that.
            let (_innermost, outer) = self.steps.get(&claim.thread)?.split_last()?;
            cycle.extend(outer.iter().skip(claim.depth).cloned());
            if claim.thread == thread {
                return Some(Cycle(cycle));
            }
            key = self.waiting.get(&claim.thread)?;
        }
        None
    }
}
