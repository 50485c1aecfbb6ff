//! What went out of this library and is still there: counted where it goes out, and where it comes back or is dropped.
//!
//! Each interface and each other kind of thing has a [`Counter`], a static. Those that ever counted are in a list, this
//! library's [`Ledger`], which its root module points to: a host reads it as data, and a plugin has no code for that.
//!
//! A counter never goes down: it counts what went out, and what came back. Whoever reads first everything that came back and
//! then everything that went out, and finds the sums equal, knows that at a moment in between nothing was out, whatever
//! threads did meanwhile. A difference of two readings could miss a thing that goes out for another that comes back.

use core::{
    ptr,
    sync::atomic::{
        AtomicBool, AtomicPtr, AtomicUsize,
        Ordering::{AcqRel, Acquire, Relaxed, SeqCst},
    },
};

use crate::{abi::RStr, thread::Threads};

/// What a counter counts.
#[repr(u8)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Objects of an interface, one for each owner.
    Object,
    /// Closures in a `Box` or an `Arc`.
    Closure,
    /// Futures.
    Future,
    /// Boxed iterators.
    Iterator,
    /// Boxed errors.
    Error,
    /// `AnyValue`s.
    Value,
    /// Clones of wakers.
    Waker,
}

/// How many of one kind went out, and how many of them came back.
#[repr(C)]
#[derive(Debug)]
pub struct Counter {
    /// How many went out, times two; odd once the counter is in its ledger.
    out: AtomicUsize,
    /// How many came back, times two; odd if somebody wants to hear when all are back.
    back: AtomicUsize,
    /// The next in the ledger; null before the counter is in it.
    next: AtomicPtr<Counter>,
    /// That of the counter's own library.
    ledger: &'static Ledger,
    name: RStr<'static>,
    kind: Kind,
}

impl Counter {
    /// Counts nothing so far. The name is that of an interface, for objects.
    #[must_use]
    pub const fn new(kind: Kind, name: &'static str) -> Self {
        Self {
            out: AtomicUsize::new(0),
            back: AtomicUsize::new(0),
            next: AtomicPtr::new(ptr::null_mut()),
            ledger: &LEDGER,
            name: RStr::from_str(name),
            kind,
        }
    }

    /// What is counted.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Which interface, for objects.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name.as_str()
    }

    /// Something goes out.
    pub fn out(&'static self) {
        if self.out.fetch_add(2, Relaxed) & 1 == 0 {
            self.enlist();
        }
    }

    /// Something came back, or was dropped.
    pub fn back(&self) {
        // Released, so that whoever sees the count sees what the destructor did; acquired, so that the last one sees all that
        // went out.
        let before = self.back.fetch_add(2, AcqRel);
        if before & 1 != 0 && self.out.load(Relaxed) >> 1 == (before >> 1).wrapping_add(1) {
            self.ledger.tell();
        }
    }

    /// How many went out so far.
    #[must_use]
    pub fn went_out(&self) -> usize {
        self.out.load(Acquire) >> 1
    }

    /// How many came back so far.
    #[must_use]
    pub fn came_back(&self) -> usize {
        self.back.load(Acquire) >> 1
    }

    /// Puts the counter into its ledger, before its first thing is out.
    #[cold]
    fn enlist(&'static self) {
        let this = (&raw const *self).cast_mut();
        let claimed = self.next.compare_exchange(ptr::null_mut(), END, Relaxed, Relaxed);
        if claimed.is_err() {
            // Another thread is at it, for a few instructions.
            while self.out.load(Acquire) & 1 == 0 {
                core::hint::spin_loop();
            }
            return;
        }
        let mut first = self.ledger.first.load(Relaxed);
        loop {
            self.next.store(if first.is_null() { END } else { first }, Relaxed);
            match self.ledger.first.compare_exchange_weak(first, this, SeqCst, Relaxed) {
                Ok(_) => break,
                Err(other) => first = other,
            }
        }
        if !self.ledger.watcher.load(SeqCst).is_null() {
            self.back.fetch_or(1, AcqRel);
        }
        self.out.fetch_or(1, AcqRel);
    }
}

/// The end of the list.
const END: *mut Counter = ptr::without_provenance_mut(align_of::<Counter>());

/// A counter as constants refer to it, which hold no references to what changes.
#[repr(transparent)]
#[derive(Debug, Clone, Copy)]
pub struct CounterRef(*const Counter);

// SAFETY: the address of a static of atomics.
unsafe impl Send for CounterRef {}
// SAFETY: as above.
unsafe impl Sync for CounterRef {}

impl CounterRef {
    /// Of a trait with mistakes, beside a `compile_error!`: nothing runs.
    #[doc(hidden)]
    pub const STAND_IN: Self = Self(ptr::null());

    /// Refers to a counter.
    #[must_use]
    pub const fn of(counter: &'static Counter) -> Self {
        Self(&raw const *counter)
    }

    /// The counter.
    #[inline]
    #[must_use]
    pub const fn get(self) -> &'static Counter {
        // SAFETY: made by `of`, which had it for ever: libraries are not unmapped.
        unsafe { &*self.0 }
    }

    /// Counts a thing here that was counted there.
    pub(crate) fn take_over(self, from: Self) {
        if !ptr::eq(self.0, from.0) {
            // In this order, so that it is counted at every moment.
            self.get().out();
            from.get().back();
        }
    }
}

pub(crate) static CLOSURES: Counter = Counter::new(Kind::Closure, "");
pub(crate) static FUTURES: Counter = Counter::new(Kind::Future, "");
pub(crate) static ITERATORS: Counter = Counter::new(Kind::Iterator, "");
pub(crate) static ERRORS: Counter = Counter::new(Kind::Error, "");
pub(crate) static VALUES: Counter = Counter::new(Kind::Value, "");
pub(crate) static WAKERS: Counter = Counter::new(Kind::Waker, "");

/// All that a library counts. Each library has one: a plugin, and the host, with all that is linked into it.
#[repr(C)]
#[derive(Debug)]
pub struct Ledger {
    /// The counters that ever counted.
    first: AtomicPtr<Counter>,
    /// A [`Watcher`], or null.
    watcher: AtomicPtr<()>,
    /// What there is to be done with registered threads; null before there is one.
    threads: AtomicPtr<Threads>,
    /// Whether the library stops for good: set by the host, also where there are no threads to tell.
    is_stopping: AtomicBool,
}

/// What is called when all things of a counter are back, or a thread has ended: by whoever dropped the last one, wherever
/// that is. It does not wait, and calls nobody's code.
pub type Watcher = extern "C" fn();

static LEDGER: Ledger = Ledger {
    first: AtomicPtr::new(ptr::null_mut()),
    watcher: AtomicPtr::new(ptr::null_mut()),
    threads: AtomicPtr::new(ptr::null_mut()),
    is_stopping: AtomicBool::new(false),
};

/// The ledger of this library.
#[must_use]
pub const fn ledger() -> &'static Ledger {
    &LEDGER
}

impl Ledger {
    /// The counters that ever counted.
    pub fn counters(&self) -> impl Iterator<Item = &'static Counter> {
        let mut next = self.first.load(SeqCst);
        core::iter::from_fn(move || {
            if next.is_null() || next == END {
                return None;
            }
            // SAFETY: counters are statics, and never leave the list.
            let counter: &'static Counter = unsafe { &*next };
            next = counter.next.load(Acquire);
            Some(counter)
        })
    }

    /// Calls `watcher` from now on; in place of any other that was to be called.
    pub fn watch(&self, watcher: Watcher) {
        self.watcher.store(watcher as *mut (), SeqCst);
        for counter in self.counters() {
            counter.back.fetch_or(1, AcqRel);
        }
    }

    /// What can be done with the library's registered threads, if it ever had one.
    #[must_use]
    pub fn threads(&self) -> Option<&'static Threads> {
        // SAFETY: null, or a static that `register` was given.
        unsafe { self.threads.load(SeqCst).as_ref() }
    }

    /// Tells the library that it stops: its registered threads, and `for_good` also those that are started later, and
    /// whoever asks.
    pub fn stop(&self, for_good: bool) {
        if for_good {
            // In one order with `register`: either this sees the threads, or they see this.
            self.is_stopping.store(true, SeqCst);
        }
        if let Some(threads) = self.threads() {
            threads.stop();
        }
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(SeqCst)
    }

    pub(crate) fn register(&self, threads: &'static Threads) {
        self.threads.store((&raw const *threads).cast_mut(), SeqCst);
    }

    /// Tells the watcher that there is something to look at.
    #[cold]
    pub(crate) fn tell(&self) {
        let watcher = self.watcher.load(SeqCst);
        if !watcher.is_null() {
            // SAFETY: not null, so it is the function that `watch` was given.
            let watcher = unsafe { core::mem::transmute::<*mut (), Watcher>(watcher) };
            watcher();
        }
    }
}
