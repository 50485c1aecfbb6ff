//! What there is around the slots: a generation that is counted, retired and ended in the steps of `slot` and `plugin/retire`.

use std::sync::{
    Arc, Mutex,
    atomic::{self, Ordering::SeqCst},
};

use loom::{
    cell::UnsafeCell,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread::{self, JoinHandle},
};

use super::{
    line::Line,
    retirement::{Duty, Left, Retirement},
    sync,
};

/// A generation of a plugin.
pub(super) struct Generation {
    pub(super) number: usize,
    retirement: Retirement,
    /// What slots lead to, and roots: who lets go of one looks.
    watchful: Tally,
    /// Objects: who lets go of one does not look.
    others: Tally,
    /// Calls read it, the end writes to it: `loom` fails where one of them has not seen the other.
    code: UnsafeCell<()>,
    /// The state: how many calls it has counted.
    calls: AtomicUsize,
    /// For the assertions, which take no turn.
    ended: atomic::AtomicUsize,
    waiter: Mutex<Option<JoinHandle<()>>>,
}

/// How many went out, and how many came back.
#[derive(Default)]
struct Tally {
    out: sync::AtomicUsize,
    back: sync::AtomicUsize,
}

/// What a line leads to.
pub(super) struct Tenure(pub(super) Arc<Generation>);

impl Tenure {
    pub(super) fn of(generation: &Arc<Generation>) -> Self {
        generation.watchful.out.fetch_add(1, SeqCst);
        Self(Arc::clone(generation))
    }
}

impl Drop for Tenure {
    fn drop(&mut self) {
        self.0.let_go();
    }
}

impl Generation {
    pub(super) fn new(number: usize) -> Arc<Self> {
        Self::with(number, 0)
    }

    /// With a state that was handed over.
    pub(super) fn with(number: usize, calls: usize) -> Arc<Self> {
        Arc::new(Self {
            number,
            retirement: Retirement::default(),
            watchful: Tally::default(),
            others: Tally::default(),
            code: UnsafeCell::new(()),
            calls: AtomicUsize::new(calls),
            ended: atomic::AtomicUsize::new(0),
            waiter: Mutex::default(),
        })
    }

    /// Runs code of the plugin.
    pub(super) fn run(&self) {
        self.code.with(|_| ());
        assert_eq!(self.ended.load(SeqCst), 0, "generation {} is called after its end", self.number);
    }

    /// A call that changes the state.
    pub(super) fn count(&self) {
        self.run();
        self.calls.fetch_add(1, Relaxed);
    }

    /// The state as `#[save]` finds it.
    pub(super) fn calls(&self) -> usize {
        self.run();
        self.calls.load(Relaxed)
    }

    pub(super) fn give_root(&self) {
        self.watchful.out.fetch_add(1, SeqCst);
    }

    pub(super) fn give_object(&self) {
        self.others.out.fetch_add(1, SeqCst);
    }

    pub(super) fn drop_object(&self) {
        self.others.back.fetch_add(1, SeqCst);
    }

    /// A root, or what slots lead to, is dropped.
    pub(super) fn let_go(self: &Arc<Self>) {
        self.watchful.back.fetch_add(1, SeqCst);
        self.attend(self.retirement.let_go(|| self.left()));
    }

    pub(super) fn retire(self: &Arc<Self>) {
        self.attend(self.retirement.retire(|| self.left()));
    }

    /// First all that came back, then all that went out.
    fn left(&self) -> Left {
        let back = [&self.watchful, &self.others].map(|tally| tally.back.load(SeqCst));
        let out = [&self.watchful, &self.others].map(|tally| tally.out.load(SeqCst));
        match (out[0] - back[0], out[1] - back[1]) {
            (0, 0) => Left::Nobody,
            (0, _) => Left::Others,
            _ => Left::Watchful,
        }
    }

    fn attend(self: &Arc<Self>, duty: Duty) {
        match duty {
            Duty::Nothing => {}
            Duty::End => self.end(),
            Duty::Wait => {
                let this = Arc::clone(self);
                let waiter = thread::spawn(move || {
                    while this.left() != Left::Nobody {
                        thread::yield_now();
                    }
                    if this.retirement.claim() {
                        this.end();
                    }
                });
                assert!(self.waiter.lock().unwrap().replace(waiter).is_none(), "two are to wait");
            }
        }
    }

    fn end(&self) {
        self.code.with_mut(|_| ());
        assert_eq!(self.ended.fetch_add(1, SeqCst), 0, "generation {} ends twice", self.number);
    }

    /// How often it has ended, once all other threads are done.
    pub(super) fn ended(&self) -> usize {
        if let Some(waiter) = self.waiter.lock().unwrap().take() {
            waiter.join().unwrap();
        }
        self.ended.load(SeqCst)
    }
}

/// A slot of the first generation, and that generation.
pub(super) fn slot() -> (Arc<Line<Tenure>>, Arc<Generation>) {
    let first = Generation::new(1);
    (Arc::new(Line::new(Tenure::of(&first))), first)
}

/// Calls through a slot, and returns the number of the generation that was called.
pub(super) fn call(slot: &Line<Tenure>) -> usize {
    let guard = slot.load();
    let Tenure(generation) = guard.get().unwrap();
    generation.run();
    generation.number
}

/// For three threads and more, whose every order would take too long: those with at most three preemptions.
pub(super) fn bounded(body: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound.get_or_insert(3);
    model.check(body);
}

/// Switches to a next generation, and retires the one before.
pub(super) fn reload(slot: &Line<Tenure>, old: &Arc<Generation>) -> Arc<Generation> {
    let new = Generation::new(old.number + 1);
    slot.switch(Tenure::of(&new));
    old.retire();
    new
}
