//! Futures across the boundary: polled here, run and dropped in the library that made them.
//!
//! A future of another library is one pointer to a box there, which begins with the two functions that work on it. Both
//! are guarded like every entry: a panic of the future is a report, and it becomes the method's error or goes on in the
//! poller. The waker of a poll crosses in the other direction, see [`waker`].

mod waker;

use core::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    ptr::NonNull,
    task::{Context, Poll},
};

use crate::{
    crossing::Crossing,
    guard::{Outcome, PluginPanic},
    held::FUTURES,
    layout::{Argument, StableLayout, TypeLayout},
    runtime,
};
use waker::{CallerWaker, Known};

/// A future as it crosses: the FFI-safe form `T` of its output, and [where it may run](Runs).
///
/// It owns the future, and drops it in its own library.
#[repr(transparent)]
#[must_use = "futures do nothing unless polled"]
pub struct RawFuture<T, S> {
    task: NonNull<Head<T>>,
    runs: PhantomData<S>,
}

/// Where a future may run: on any thread ([`Anywhere`]), or only where it was made ([`Here`]).
pub trait Runs {
    /// The name of such a future in descriptions.
    const NAME: &'static str;
}

/// Marks a future that may move between threads: those of an interface that is `Send`.
#[derive(Debug)]
pub struct Anywhere;

/// Marks a future that stays on its thread.
#[derive(Debug)]
pub struct Here(PhantomData<*mut ()>);

impl Runs for Anywhere {
    const NAME: &'static str = "Future + Send";
}

impl Runs for Here {
    const NAME: &'static str = "Future";
}

/// Whether a future of type `F` may be marked so.
pub trait Admits<F>: Runs {}

impl<F: Send> Admits<F> for Anywhere {}
impl<F> Admits<F> for Here {}

/// The beginning of every box; the future follows it.
#[repr(C)]
struct Head<T> {
    poll: unsafe extern "C" fn(NonNull<Head<T>>, &CallerWaker) -> Outcome<Polled<T>>,
    drop: unsafe extern "C" fn(NonNull<Head<T>>) -> Outcome<()>,
}

/// What a poll returns.
#[repr(u8)]
enum Polled<T> {
    Pending,
    Ready(T),
}

/// A future in its own library.
#[repr(C)]
struct Task<T, F> {
    head: Head<T>,
    known: Known,
    future: F,
}

// SAFETY: the function behind `RawFuture::new` takes only futures that may move between threads (`Admits`), and the
// description tells them from others. The output is made by a poll, and stays on its thread.
unsafe impl<T> Send for RawFuture<T, Anywhere> {}
// SAFETY: one pointer; its name says whether it may move between threads, and its argument what a poll returns.
unsafe impl<T: StableLayout, S: Runs> StableLayout for RawFuture<T, S> {
    const TYPE_LAYOUT: &'static TypeLayout =
        &TypeLayout::opaque::<Self>(S::NAME, &[Argument::Type(T::TYPE_LAYOUT)]);
}

impl<T, S> RawFuture<T, S> {
    /// Boxes a future. It may borrow: whoever gives it away says for how long.
    pub fn new<F>(future: F) -> Self
    where
        F: Future<Output: Crossing<Abi = T>>,
        S: Admits<F>,
    {
        let head = Head { poll: poll::<T, F>, drop: drop_task::<T, F> };
        let task = Box::new(Task { head, known: Known::default(), future });
        FUTURES.out();
        Self { task: NonNull::from(Box::leak(task)).cast(), runs: PhantomData }
    }

    fn poll(&mut self, context: &Context<'_>) -> Result<Polled<T>, PluginPanic> {
        // SAFETY: `new` made the box, in whichever library, and this owner keeps it until it is dropped; nobody else
        // polls it. The waker is borrowed for the time of the call.
        let outcome = unsafe {
            let poll = self.task.as_ref().poll;
            poll(self.task, &CallerWaker::of(context.waker()))
        };
        outcome.into_result()
    }
}

impl<T, S> Drop for RawFuture<T, S> {
    fn drop(&mut self) {
        // SAFETY: this is the box's one owner, and gives it up.
        let dropped = unsafe {
            let drop = self.task.as_ref().drop;
            drop(self.task)
        };
        if let Err(panic) = dropped.into_result()
            && !std::thread::panicking()
        {
            panic.resume();
        }
    }
}

impl<T, S> fmt::Debug for RawFuture<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawFuture({:p})", self.task)
    }
}

/// Polls the future behind `task`, guarded.
///
/// # Safety
///
/// `task` came from a [`RawFuture::new`] of an `F`, nobody else uses it, and the waker lives until this returns.
unsafe extern "C" fn poll<T, F>(task: NonNull<Head<T>>, waker: &CallerWaker) -> Outcome<Polled<T>>
where
    F: Future<Output: Crossing<Abi = T>>,
{
    // SAFETY: the box of a `Task<T, F>`, which begins with its head; the caller vouches for being alone.
    let task = unsafe { task.cast::<Task<T, F>>().as_mut() };
    // SAFETY: the future stays in its box until it is dropped there.
    let future = unsafe { Pin::new_unchecked(&mut task.future) };
    Outcome::of(|| {
        let polled = task.known.waker(waker, |waker| {
            let _entered = runtime::enter();
            future.poll(&mut Context::from_waker(waker))
        });
        match polled {
            Poll::Ready(value) => Polled::Ready(value.into_abi()),
            Poll::Pending => Polled::Pending,
        }
    })
}

/// Drops the future behind `task`, guarded.
///
/// # Safety
///
/// `task` came from a [`RawFuture::new`] of an `F`, and nobody uses it afterwards.
unsafe extern "C" fn drop_task<T, F>(task: NonNull<Head<T>>) -> Outcome<()> {
    // SAFETY: `new` leaked this box, and the caller gives it up.
    let task = unsafe { Box::from_raw(task.cast::<Task<T, F>>().as_ptr()) };
    let dropped = Outcome::of(|| {
        let _entered = runtime::enter();
        drop(task);
    });
    FUTURES.back();
    dropped
}

/// The future that a method of a foreign object returns.
///
/// A panic of the method or of its future comes out of a poll: as what `recover` makes of it, which may be to go on with
/// it.
#[must_use = "futures do nothing unless polled"]
pub struct ForeignFuture<R: Crossing, S> {
    started: Result<RawFuture<R::Abi, S>, Option<PluginPanic>>,
    recover: fn(PluginPanic) -> R,
}

impl<R: Crossing, S> ForeignFuture<R, S> {
    /// Takes what the entry of an `async fn` returned.
    ///
    /// # Safety
    ///
    /// The output has the type `R` on the other side, and what the future borrows is borrowed for as long as this lives.
    pub unsafe fn new(outcome: Outcome<RawFuture<R::Abi, S>>, recover: fn(PluginPanic) -> R) -> Self {
        Self { started: outcome.into_result().map_err(Some), recover }
    }
}

impl<R: Crossing, S> Future for ForeignFuture<R, S> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<R> {
        let polled = match &mut self.started {
            Ok(future) => future.poll(context),
            Err(panic) => Err(panic.take().unwrap_or_else(finished)),
        };
        match polled {
            Ok(Polled::Pending) => Poll::Pending,
            // SAFETY: the other side made the value with `into_abi` of `R`: `new` was promised that.
            Ok(Polled::Ready(value)) => Poll::Ready(unsafe { R::from_abi(value) }),
            Err(panic) => Poll::Ready((self.recover)(panic)),
        }
    }
}

// The box of the future does not move with this.
impl<R: Crossing, S> Unpin for ForeignFuture<R, S> {}

impl<R: Crossing, S> fmt::Debug for ForeignFuture<R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ForeignFuture").field(&self.started).finish()
    }
}

#[cold]
fn finished() -> PluginPanic {
    panic!("a future was polled after it was finished")
}

/// The future of a method that was called on a trait object.
#[must_use = "futures do nothing unless polled"]
pub struct Boxed<R, S> {
    future: Pin<Box<dyn Future<Output = R>>>,
    runs: PhantomData<S>,
}

// SAFETY: `Boxed::<_, Anywhere>::new` takes only futures that may move between threads.
unsafe impl<R> Send for Boxed<R, Anywhere> {}

impl<R> Boxed<R, Anywhere> {
    /// Keeps a future, and forgets what it borrows.
    ///
    /// # Safety
    ///
    /// What it borrows is borrowed for as long as this lives.
    pub unsafe fn new(future: Pin<Box<dyn Future<Output = R> + Send + '_>>) -> Self {
        // SAFETY: the caller's promise.
        Self { future: unsafe { forget_lifetime(future) }, runs: PhantomData }
    }
}

impl<R> Boxed<R, Here> {
    /// Keeps a future, and forgets what it borrows.
    ///
    /// # Safety
    ///
    /// What it borrows is borrowed for as long as this lives.
    pub unsafe fn new(future: Pin<Box<dyn Future<Output = R> + '_>>) -> Self {
        // SAFETY: the caller's promise.
        Self { future: unsafe { forget_lifetime(future) }, runs: PhantomData }
    }
}

/// # Safety
///
/// The result does not outlive what the future borrows.
unsafe fn forget_lifetime<R>(
    future: Pin<Box<dyn Future<Output = R> + '_>>,
) -> Pin<Box<dyn Future<Output = R>>> {
    // SAFETY: one type but for the lifetime, which the caller answers for.
    unsafe { core::mem::transmute(future) }
}

impl<R, S> Future for Boxed<R, S> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<R> {
        self.future.as_mut().poll(context)
    }
}

impl<R, S> Unpin for Boxed<R, S> {}

impl<R, S> fmt::Debug for Boxed<R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Boxed(..)")
    }
}

/// Nothing, as what a body's `return` is to have the type of. For generated code.
#[doc(hidden)]
#[must_use]
pub const fn output_of<R>() -> Option<R> {
    None
}

/// The future of a method that an older plugin may lack: that of the plugin, or the default, which runs here.
#[must_use = "futures do nothing unless polled"]
#[derive(Debug)]
pub enum Either<F, D> {
    /// The plugin's.
    Foreign(F),
    /// The default.
    Default(D),
}

impl<F, D> Future for Either<F, D>
where
    F: Future + Unpin,
    D: Future<Output = F::Output>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: neither is moved out of here: the first may be, and the second is pinned again as it is.
        match unsafe { self.get_unchecked_mut() } {
            Self::Foreign(future) => Pin::new(future).poll(context),
            // SAFETY: pinned with the whole.
            Self::Default(future) => unsafe { Pin::new_unchecked(future) }.poll(context),
        }
    }
}
