//! Who opens what, and who waits for whom.
//!
//! Openers of one thing wait for the first; a failure leaves nothing behind; whoever would wait for itself, directly or
//! through other threads, is told the whole cycle instead. No lock is held while something is being opened.
//!
//! `tests/model` runs this very file through every order in which threads can take their turns.

use std::{collections::HashMap, hash::Hash, sync::PoisonError};

use super::sync::{Condvar, Mutex, MutexGuard, ThreadId, this_thread};

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
            open: HashMap::new(),
            claimed: HashMap::new(),
            steps: HashMap::new(),
            waiting: HashMap::new(),
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
    pub(crate) fn claim(&mut self, key: K) -> Result<Turn<V>, Cycle<S>> {
        let mut state = self.openings.lock();
        loop {
            if let Some(value) = state.open.get(&key) {
                return Ok(Turn::Open(value.clone()));
            }
            if !state.claimed.contains_key(&key) {
                state.claimed.insert(key.clone(), Claim { thread: self.thread, depth: self.depth });
                self.claimed.push(key);
                return Ok(Turn::Ours);
            }
            if let Some(cycle) = state.cycle(&key, self.thread) {
                return Err(cycle);
            }
            state.waiting.insert(self.thread, key.clone());
            state = self.openings.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting.remove(&self.thread);
        }
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
        self.openings.changed.notify_all();
    }
}

impl<K: Eq + Hash, V, S: Clone> State<K, V, S> {
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

#[cfg(test)]
mod tests {
    use std::{sync::Barrier, thread};

    use super::*;

    type Names = Openings<&'static str, u32, &'static str>;

    fn open(
        names: &Names,
        name: &'static str,
        start: impl FnOnce() -> Result<u32, Vec<&'static str>>,
    ) -> Result<u32, Vec<&'static str>> {
        let mut opening = names.begin(name);
        match opening.claim(name).map_err(|Cycle(cycle)| cycle)? {
            Turn::Open(value) => Ok(value),
            Turn::Ours => start().inspect(|value| opening.opened(name, *value)),
        }
    }

    #[test]
    fn a_cycle_in_one_thread_is_named_in_order() {
        let names = Names::new();
        let inner = |name| open(&names, name, || unreachable!());
        assert_eq!(open(&names, "a", || inner("a")), Err(vec!["a"]));
        let through = |first, second, last| open(&names, first, || open(&names, second, || inner(last)));
        assert_eq!(through("a", "b", "a"), Err(vec!["a", "b"]));
        // What leads to the cycle is not part of it.
        assert_eq!(open(&names, "z", || through("a", "b", "a")), Err(vec!["a", "b"]));
        // None of it is remembered.
        assert_eq!(open(&names, "a", || open(&names, "b", || Ok(1))), Ok(1));
    }

    #[test]
    fn a_cycle_through_threads_is_named_in_order() {
        let names = Names::new();
        let both = Barrier::new(2);
        let [one, other] = thread::scope(|scope| {
            [("a", "b"), ("b", "a")]
                .map(|(own, others)| {
                    let (names, both) = (&names, &both);
                    scope.spawn(move || {
                        open(names, own, || {
                            both.wait();
                            // Whoever is told of the cycle goes on without it.
                            let inner = open(names, others, || Ok(2));
                            inner
                                .map(|_| 1)
                                .or_else(|cycle| if cycle[0] == others { Ok(3) } else { Err(cycle) })
                        })
                    })
                })
                .map(|thread| thread.join().unwrap())
        });
        // One was told, and the other one waited for it.
        let mut results = [one.unwrap(), other.unwrap()];
        results.sort_unstable();
        assert_eq!(results, [1, 3]);
    }

    #[test]
    fn who_waits_with_a_claim_of_its_own_is_part_of_a_cycle() {
        // A host holds the name and waits for the file, whose opener opens by the name.
        let names = Names::new();
        let file_is_taken = Barrier::new(2);
        thread::scope(|scope| {
            let inner = scope.spawn(|| {
                open(&names, "file", || {
                    file_is_taken.wait();
                    while names.lock().waiting.is_empty() {
                        thread::yield_now();
                    }
                    open(&names, "name", || unreachable!())
                })
            });
            file_is_taken.wait();
            let mut opening = names.begin("waiting");
            assert!(matches!(opening.claim("name"), Ok(Turn::Ours)));
            assert!(matches!(opening.claim("file"), Ok(Turn::Ours)));
            drop(opening);
            assert_eq!(inner.join().unwrap(), Err(vec!["file"]));
        });
    }
}
