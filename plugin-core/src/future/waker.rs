//! Wakers across the boundary.
//!
//! A std [`Waker`] is two pointers whose meaning belongs to the library that made it. So a poll lends the callee the two,
//! with four functions of the caller that know what to do with them. The callee's code sees a `Waker` of its own library:
//!
//! - until it is cloned, one that stands on the stack of the poll and allocates nothing;
//! - from then on, clones of one allocation, which owns a clone of the caller's waker. They may be sent, woken and dropped
//!   anywhere, at any time, also after the future is gone.
//!
//! Executors and reactors compare wakers (`will_wake`) to keep one they have. So that they can, a future goes on using
//! the allocation that it caused for as long as somebody holds it and the caller polls with the same waker. It remembers
//! it by a weak reference: a strong one would keep alive the caller's task, which owns the future.

use core::{
    ffi::c_void,
    mem::ManuallyDrop,
    ptr,
    task::{RawWaker, RawWakerVTable, Waker},
};
use std::sync::{Arc, OnceLock, Weak};

use crate::{
    guard::{Outcome, PluginPanic},
    held::WAKERS,
};

/// A waker of the library that polls, borrowed or owned: what holds it says which.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct CallerWaker {
    data: *const (),
    /// A `RawWakerVTable` of the caller, whose standard library alone knows what is in it.
    vtable: *const c_void,
    functions: &'static Functions,
}

/// What the caller does with its waker, guarded.
#[repr(C)]
struct Functions {
    /// Makes an owned one of one that is borrowed or owned.
    clone: unsafe extern "C" fn(CallerWaker) -> Outcome<CallerWaker>,
    /// Wakes, and takes an owned one.
    wake: unsafe extern "C" fn(CallerWaker) -> Outcome<()>,
    /// Wakes by one that is borrowed or owned.
    wake_by_ref: unsafe extern "C" fn(CallerWaker) -> Outcome<()>,
    /// Takes an owned one.
    drop: unsafe extern "C" fn(CallerWaker) -> Outcome<()>,
}

static FUNCTIONS: Functions = Functions { clone, wake, wake_by_ref, drop: drop_waker };

impl CallerWaker {
    /// Lends a waker of this library.
    pub(super) fn of(waker: &Waker) -> Self {
        Self { data: waker.data(), vtable: ptr::from_ref(waker.vtable()).cast(), functions: &FUNCTIONS }
    }

    /// The waker, in the library that lent it.
    ///
    /// # Safety
    ///
    /// `self` came from [`of`](Self::of) in this library, and is alive. It is owned if the result is dropped or taken.
    unsafe fn waker(self) -> ManuallyDrop<Waker> {
        // SAFETY: the two parts of a living waker, as `of` took them apart; the table is one of this library, and static.
        ManuallyDrop::new(unsafe { Waker::new(self.data, &*self.vtable.cast::<RawWakerVTable>()) })
    }

    /// Whether both wake the same task: what `Waker::will_wake` compares.
    fn will_wake(self, other: Self) -> bool {
        self.data == other.data && self.vtable == other.vtable && ptr::eq(self.functions, other.functions)
    }
}

/// # Safety
///
/// `waker` is one of this library, alive.
unsafe extern "C" fn clone(waker: CallerWaker) -> Outcome<CallerWaker> {
    // SAFETY: the caller's promise.
    let waker = unsafe { waker.waker() };
    Outcome::of(|| {
        let another = CallerWaker::of(&ManuallyDrop::new(Waker::clone(&waker)));
        WAKERS.out();
        another
    })
}

/// # Safety
///
/// `waker` is an owned one of this library, which the caller gives up.
unsafe extern "C" fn wake(waker: CallerWaker) -> Outcome<()> {
    // SAFETY: the caller's promise.
    let waker = unsafe { waker.waker() };
    let woken = Outcome::of(|| ManuallyDrop::into_inner(waker).wake());
    WAKERS.back();
    woken
}

/// # Safety
///
/// `waker` is one of this library, alive.
unsafe extern "C" fn wake_by_ref(waker: CallerWaker) -> Outcome<()> {
    // SAFETY: the caller's promise.
    let waker = unsafe { waker.waker() };
    Outcome::of(|| waker.wake_by_ref())
}

/// # Safety
///
/// `waker` is an owned one of this library, which the caller gives up.
unsafe extern "C" fn drop_waker(waker: CallerWaker) -> Outcome<()> {
    // SAFETY: the caller's promise.
    let waker = unsafe { waker.waker() };
    let dropped = Outcome::of(|| drop(ManuallyDrop::into_inner(waker)));
    WAKERS.back();
    dropped
}

/// The waker that a future knows from earlier polls.
#[derive(Default)]
pub(super) struct Known(Weak<Owned>);

impl Known {
    /// Polls with a waker of this library that wakes the caller's.
    pub(super) fn waker<R>(&mut self, caller: &CallerWaker, poll: impl FnOnce(&Waker) -> R) -> R {
        if let Some(owned) = self.0.upgrade()
            && owned.0.will_wake(*caller)
        {
            return poll(&Waker::from(owned));
        }
        let lent = Lent { caller: *caller, owned: OnceLock::new() };
        // SAFETY: `LENT` works on a `Lent`, and this one lives longer than the waker, which nobody can take out of the
        // reference that `poll` gets.
        let waker = ManuallyDrop::new(unsafe { Waker::new((&raw const lent).cast(), &LENT) });
        let result = poll(&waker);
        if let Some(owned) = lent.owned.get() {
            self.0 = Arc::downgrade(owned);
        }
        result
    }
}

/// A clone of the caller's waker, which belongs to this library.
struct Owned(CallerWaker);

// SAFETY: what it stands for is a `Waker`, which is `Send`.
unsafe impl Send for Owned {}
// SAFETY: as above, and `Sync`.
unsafe impl Sync for Owned {}

impl Owned {
    fn clone_of(caller: CallerWaker) -> Self {
        // SAFETY: the functions are the caller's own, and the waker is alive: borrowed for a poll that has not returned.
        match unsafe { (caller.functions.clone)(caller) }.into_result() {
            Ok(owned) => Self(owned),
            Err(panic) => panic.resume(),
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: owned, and dropped once.
        go_on(unsafe { (self.0.functions.drop)(self.0) }.into_result());
    }
}

impl std::task::Wake for Owned {
    fn wake(self: Arc<Self>) {
        match Arc::try_unwrap(self) {
            Ok(last) => {
                let CallerWaker { functions, .. } = last.0;
                let last = ManuallyDrop::new(last);
                // SAFETY: owned, and given up here in place of being dropped.
                go_on(unsafe { (functions.wake)(last.0) }.into_result());
            }
            Err(shared) => shared.wake_by_ref(),
        }
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // SAFETY: owned, and alive.
        go_on(unsafe { (self.0.functions.wake_by_ref)(self.0) }.into_result());
    }
}

/// Goes on with a panic of the caller's waker, unless this thread unwinds already.
fn go_on(result: Result<(), PluginPanic>) {
    if let Err(panic) = result
        && !std::thread::panicking()
    {
        panic.resume();
    }
}

/// What the waker of a poll points to until it is cloned.
struct Lent {
    caller: CallerWaker,
    /// The first clone: code may clone a `&Waker` on several threads.
    owned: OnceLock<Arc<Owned>>,
}

// SAFETY: as for `Owned`: a waker, and one that is made once.
unsafe impl Sync for Lent {}

static LENT: RawWakerVTable = {
    /// # Safety
    ///
    /// For all of these: `data` is a `Lent` whose poll has not returned.
    unsafe fn lent<'a>(data: *const ()) -> &'a Lent {
        // SAFETY: the caller's promise.
        unsafe { &*data.cast::<Lent>() }
    }
    unsafe fn clone(data: *const ()) -> RawWaker {
        // SAFETY: as for `lent`.
        let lent = unsafe { lent(data) };
        let owned = lent.owned.get_or_init(|| Arc::new(Owned::clone_of(lent.caller)));
        let waker = ManuallyDrop::new(Waker::from(Arc::clone(owned)));
        RawWaker::new(waker.data(), waker.vtable())
    }
    unsafe fn wake_by_ref(data: *const ()) {
        // SAFETY: as for `lent`.
        let Lent { caller, owned: _ } = unsafe { lent(data) };
        // SAFETY: borrowed for a poll that has not returned.
        go_on(unsafe { (caller.functions.wake_by_ref)(*caller) }.into_result());
    }
    const unsafe fn drop(_: *const ()) {}
    // Nobody owns a lent waker, so nobody can wake it by value; if somebody did, it would be as good by reference.
    RawWakerVTable::new(clone, wake_by_ref, wake_by_ref, drop)
};
