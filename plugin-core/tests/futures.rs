//! Futures and wakers as they cross, without an interface around them: small enough for Miri
//! (`cargo +nightly miri test -p plugin-core --test futures`).
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    future::{Future, pending, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker},
    thread,
};

use plugin_core::{
    __private::{Anywhere, Crossing, ForeignFuture, Here, Outcome, RawFuture},
    PluginPanic,
};

/// Sends a future to the other side and back.
fn foreign<F>(future: F) -> ForeignFuture<F::Output, Anywhere>
where
    F: Future<Output: Crossing> + Send,
{
    // SAFETY: the output is the future's own; each test keeps what its future borrows.
    unsafe { ForeignFuture::new(Outcome::of(|| RawFuture::new(future)), |panic| panic.resume()) }
}

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// The message of a panic.
#[track_caller]
fn caught<T>(run: impl FnOnce() -> T) -> String {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(_) => panic!("it did not panic"),
        Err(payload) => *payload.downcast::<String>().unwrap(),
    }
}

fn fail(message: &str) {
    panic!("{message}");
}

fn fails() -> Result<(), PluginPanic> {
    panic!("in a poll")
}

fn fail_without_text() {
    panic_any(5);
}

/// A task that counts its wakes; how often it was cloned is its count of references.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

fn counter() -> (Arc<Counter>, Waker) {
    let counter = Arc::new(Counter::default());
    (Arc::clone(&counter), Waker::from(counter))
}

#[test]
fn an_output_crosses_whatever_polls() {
    let fields = || async { ("text".to_owned(), Some(vec![1_u8, 2])) };
    let expected = ("text".to_owned(), Some(vec![1, 2]));
    assert_eq!(pollster::block_on(foreign(fields())), expected);
    assert_eq!(futures::executor::block_on(foreign(fields())), expected);
    // In a future that is foreign itself, as where a plugin polls what its host gave it.
    assert_eq!(pollster::block_on(foreign(async { foreign(fields()).await })), expected);
}

#[test]
fn nothing_runs_before_the_first_poll() {
    let ran = AtomicBool::new(false);
    let future = foreign(async { ran.store(true, SeqCst) });
    assert!(!ran.load(SeqCst));
    drop(future);
    assert!(!ran.load(SeqCst));
}

#[test]
fn a_future_may_move_to_another_thread() {
    let (sender, receiver) = mpsc::channel();
    let future = foreign(async move { receiver.recv().unwrap() });
    let polling = thread::spawn(|| pollster::block_on(future));
    sender.send(7_u32).unwrap();
    assert_eq!(polling.join().unwrap(), 7);
}

#[test]
fn a_future_that_stays_may_hold_what_stays() {
    let shared = std::rc::Rc::new(5_u32);
    let raw = Outcome::of(|| RawFuture::<u32, Here>::new(async move { *shared }));
    // SAFETY: the output is a `u32` on both sides.
    let future = unsafe { ForeignFuture::<u32, Here>::new(raw, |panic| panic.resume()) };
    assert_eq!(pollster::block_on(future), 5);
}

/// Sets a flag when it is dropped.
struct Guard(Arc<AtomicBool>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

#[test]
fn dropping_cancels() {
    let dropped = Arc::new(AtomicBool::new(false));
    let guard = Guard(Arc::clone(&dropped));
    let mut future = foreign(async move {
        let _guard = guard;
        pending::<()>().await;
    });
    assert!(poll(&mut future, Waker::noop()).is_pending());
    assert!(!dropped.load(SeqCst));
    drop(future);
    assert!(dropped.load(SeqCst));
}

/// A future that keeps a clone of each poll's waker where the test can see it.
fn keeping() -> (ForeignFuture<(), Anywhere>, Arc<Mutex<Option<Waker>>>) {
    let kept = Arc::new(Mutex::new(None::<Waker>));
    let keep = Arc::clone(&kept);
    let future = poll_fn(move |context| {
        // What executors and reactors do: keep the one that is there if it is as good.
        let mut kept = keep.lock().unwrap();
        if !kept.as_ref().is_some_and(|kept| kept.will_wake(context.waker())) {
            *kept = Some(context.waker().clone());
        }
        Poll::Pending
    });
    (foreign(future), kept)
}

#[test]
fn a_waker_works_after_its_future_is_gone() {
    let (task, waker) = counter();
    let (mut future, kept) = keeping();
    assert!(poll(&mut future, &waker).is_pending());
    drop((future, waker));
    let kept = kept.lock().unwrap().take().unwrap();
    kept.wake_by_ref();
    assert_eq!(task.0.load(SeqCst), 1);
    let other = kept.clone();
    thread::spawn(move || other.wake()).join().unwrap();
    assert_eq!(task.0.load(SeqCst), 2);
    kept.wake();
    assert_eq!(task.0.load(SeqCst), 3);
    assert_eq!(Arc::strong_count(&task), 1, "every clone was dropped");
}

#[test]
fn many_threads_clone_wake_and_drop() {
    const THREADS: usize = 8;
    let (task, waker) = counter();
    let mut future = foreign(poll_fn(|context| {
        let waker = context.waker();
        thread::scope(|scope| {
            for number in 0..THREADS {
                scope.spawn(move || match number % 3 {
                    0 => {
                        let clone = waker.clone();
                        clone.wake();
                    }
                    1 => waker.wake_by_ref(),
                    _ => drop(waker.clone()),
                });
            }
        });
        Poll::<()>::Pending
    }));
    assert!(poll(&mut future, &waker).is_pending());
    assert!(poll(&mut future, &waker).is_pending());
    assert_eq!(task.0.load(SeqCst), 2 * 6);
    drop((future, waker));
    assert_eq!(Arc::strong_count(&task), 1);
}

#[test]
#[cfg_attr(miri, ignore = "Miri gives tables of wakers a new address each time, so none is known again")]
fn a_waker_is_not_cloned_for_nothing() {
    let (task, waker) = counter();
    let clones = || Arc::strong_count(&task) - 2;
    let mut ready = foreign(poll_fn(|_| Poll::Ready(())));
    assert!(poll(&mut ready, &waker).is_ready());
    assert_eq!(clones(), 0, "nobody asked for one");

    let (mut future, kept) = keeping();
    assert!(poll(&mut future, &waker).is_pending());
    assert_eq!(clones(), 1);
    let first = kept.lock().unwrap().as_ref().unwrap().data();
    for _ in 0..3 {
        assert!(poll(&mut future, &waker).is_pending());
        assert_eq!(
            kept.lock().unwrap().as_ref().unwrap().data(),
            first,
            "will_wake told that it is the same"
        );
        assert_eq!(clones(), 1);
    }

    // Another task polls.
    let (other_task, other) = counter();
    assert!(poll(&mut future, &other).is_pending());
    assert_eq!((clones(), Arc::strong_count(&other_task)), (0, 3));
    kept.lock().unwrap().take().unwrap().wake();
    assert_eq!((task.0.load(SeqCst), other_task.0.load(SeqCst)), (0, 1));
}

#[test]
fn a_future_does_not_keep_the_task_that_owns_it() {
    struct Task(Mutex<Option<ForeignFuture<(), Anywhere>>>);
    impl Wake for Task {
        fn wake(self: Arc<Self>) {}
    }
    let (future, kept) = keeping();
    let task = Arc::new(Task(Mutex::new(Some(future))));
    let waker = Waker::from(Arc::clone(&task));
    assert!(poll(task.0.lock().unwrap().as_mut().unwrap(), &waker).is_pending());
    drop(waker);
    let weak = Arc::downgrade(&task);
    drop(task);
    assert!(weak.upgrade().is_some(), "its future's waker keeps it");
    drop(kept.lock().unwrap().take());
    assert!(weak.upgrade().is_none(), "nothing else does");
}

#[test]
fn a_panic_of_a_poll_goes_on_or_becomes_an_error() {
    assert_eq!(caught(|| pollster::block_on(foreign(async { fail("in a poll") }))), "in a poll");
    let raw = Outcome::of(|| RawFuture::new(async { fails() }));
    // SAFETY: of one type on both sides.
    let future = unsafe { ForeignFuture::<Result<(), PluginPanic>, Anywhere>::new(raw, Err) };
    assert_eq!(pollster::block_on(future).unwrap_err().message(), "in a poll");
    // What was alive in it is dropped with it.
    let dropped = Arc::new(AtomicBool::new(false));
    let guard = Guard(Arc::clone(&dropped));
    let mut future = foreign(async move {
        let _guard = guard;
        fail("with a guard");
    });
    assert_eq!(caught(|| poll(&mut future, Waker::noop())), "with a guard");
    assert!(dropped.load(SeqCst));
}

#[test]
fn a_panic_before_the_first_poll_comes_out_of_it() {
    fn fails() -> RawFuture<u8, Anywhere> {
        panic!("in the method")
    }
    // SAFETY: there is no future.
    let mut future = unsafe { ForeignFuture::<u8, _>::new(Outcome::of(fails), |panic| panic.resume()) };
    assert_eq!(caught(|| poll(&mut future, Waker::noop())), "in the method");
    let again = catch_unwind(AssertUnwindSafe(|| poll(&mut future, Waker::noop()))).unwrap_err();
    assert_eq!(*again.downcast::<&str>().unwrap(), "a future was polled after it was finished");
}

#[test]
fn a_finished_future_is_polled_in_vain() {
    let mut future = foreign(async { 1_u8 });
    assert_eq!(poll(&mut future, Waker::noop()), Poll::Ready(1));
    assert!(caught(|| poll(&mut future, Waker::noop())).contains("resumed after completion"));
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

/// A future that holds a bomb.
fn armed() -> ForeignFuture<(), Anywhere> {
    let bomb = Bomb;
    foreign(async move {
        let _bomb = &bomb;
        pending::<()>().await;
    })
}

#[test]
fn a_panic_of_a_drop_goes_on() {
    let future = armed();
    assert_eq!(caught(|| drop(future)), "dropped");
    // While the caller unwinds, a second panic would abort: it is swallowed.
    let future = armed();
    let message = caught(|| {
        let _future = future;
        resume_unwind(Box::new("first".to_owned()));
    });
    assert_eq!(message, "first");
}

/// A waker each of whose functions panics when it is told to.
fn hostile(armed: &'static AtomicBool) -> Waker {
    unsafe fn blow(data: *const (), what: &str) {
        // SAFETY: every waker of this table is made of such a flag.
        if unsafe { &*data.cast::<AtomicBool>() }.load(SeqCst) {
            panic!("{what}");
        }
    }
    static TABLE: RawWakerVTable = RawWakerVTable::new(
        |data| {
            // SAFETY: as above.
            unsafe { blow(data, "clone") };
            RawWaker::new(data, &TABLE)
        },
        // SAFETY: as above.
        |data| unsafe { blow(data, "wake") },
        // SAFETY: as above.
        |data| unsafe { blow(data, "wake_by_ref") },
        // SAFETY: as above.
        |data| unsafe { blow(data, "drop") },
    );
    // SAFETY: the functions only read the flag, which lives for ever.
    unsafe { Waker::new(std::ptr::from_ref(armed).cast(), &TABLE) }
}

#[test]
fn a_panic_of_a_waker_goes_on_in_whoever_uses_it() {
    static ARMED: AtomicBool = AtomicBool::new(false);
    let waker = hostile(&ARMED);
    let arm = |armed| ARMED.store(armed, SeqCst);

    let (mut future, kept) = keeping();
    arm(true);
    assert_eq!(caught(|| poll(&mut future, &waker)), "clone");
    arm(false);
    kept.clear_poison();
    assert!(poll(&mut future, &waker).is_pending());
    let kept = kept.lock().unwrap().take().unwrap();
    let other = kept.clone();
    arm(true);
    assert_eq!(caught(|| kept.wake_by_ref()), "wake_by_ref");
    assert_eq!(caught(|| other.wake()), "wake_by_ref", "it is not the last");
    assert_eq!(caught(|| kept.wake()), "wake");
    arm(false);

    let (mut future, kept) = keeping();
    assert!(poll(&mut future, &waker).is_pending());
    arm(true);
    assert_eq!(caught(|| drop(kept.lock().unwrap().take())), "drop");
    arm(false);
    // In a poll that wakes itself.
    let mut future = foreign(poll_fn(|context| {
        context.waker().wake_by_ref();
        Poll::<()>::Pending
    }));
    arm(true);
    assert_eq!(caught(|| poll(&mut future, &waker)), "wake_by_ref");
    arm(false);
}

#[test]
fn a_panic_without_text_is_named() {
    assert_eq!(
        caught(|| pollster::block_on(foreign(async { fail_without_text() }))),
        "a panic whose payload is not text"
    );
}

#[test]
fn futures_run_together() {
    let (sender, receiver) = futures::channel::oneshot::channel::<u8>();
    let receiving = foreign(async { receiver.await.unwrap() });
    let sending = foreign(async move { sender.send(3).unwrap() });
    assert_eq!(pollster::block_on(futures::future::join(receiving, sending)), (3, ()));
    let never = pin!(foreign(pending::<u8>()));
    let now = pin!(foreign(async { 4_u8 }));
    let chosen = pollster::block_on(futures::future::select(never, now));
    assert!(matches!(chosen, futures::future::Either::Right((4, _))));
}
