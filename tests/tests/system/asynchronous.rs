//! Futures of real plugins, under executors that the plugins know nothing of.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use async_api::{Work, WorkError};
use futures::{FutureExt as _, StreamExt as _, future::join_all, stream::FuturesUnordered};
use integration::Stage;
use plugin_host::Root;

use crate::fixture;

fn work(stage: &Stage) -> Root<dyn Work> {
    stage.host().open_root("async-work").unwrap()
}

fn stage() -> Stage {
    Stage::with(&fixture("async-work"))
}

/// Runs a test's future under every executor.
fn everywhere<F: Future<Output = ()> + Send + 'static>(make: impl Fn() -> F) {
    pollster::block_on(make());
    futures::executor::block_on(make());
    smol::block_on(smol::spawn(make()));
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    tokio.block_on(async { tokio::spawn(make()).await }).unwrap();
}

fn message(panic: Box<dyn Any + Send>) -> String {
    *panic.downcast::<String>().unwrap()
}

#[test]
fn any_executor_polls_them() {
    let stage = stage();
    let work = work(&stage);
    everywhere(|| {
        let work = work.clone();
        async move {
            assert_eq!(work.echo("text").await, "text");
            assert_eq!(work.wait(20).await, 20);
            assert_eq!(work.fail("").await, Err(WorkError::Failed));
        }
    });
}

#[test]
fn a_thousand_at_once() {
    let stage = stage();
    let work = work(&stage);
    everywhere(|| {
        let work = work.clone();
        async move {
            let waits = (0..1000).map(|number| work.wait(number % 4));
            assert_eq!(join_all(waits).await.into_iter().sum::<u32>(), 1500);
            let mut unordered: FuturesUnordered<_> = (0..1000).map(|number| work.wait(number % 2)).collect();
            let mut sum = 0;
            while let Some(polls) = unordered.next().await {
                sum += polls;
            }
            assert_eq!(sum, 500);
        }
    });
}

#[test]
fn a_future_that_loses_is_dropped_in_its_plugin() {
    let stage = stage();
    let work = work(&stage);
    let before = work.dropped();
    smol::block_on(async {
        let forever = pin!(work.forever());
        let short = pin!(work.wait(3));
        futures::future::select(forever, short).await;
    });
    assert_eq!(work.dropped(), before + 1);
    // One that was never polled has nothing to drop.
    drop(work.forever());
    assert_eq!(work.dropped(), before + 1);
    // And a task that is aborted.
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio.block_on(async {
        let other = work.clone();
        let task = tokio::spawn(async move { other.forever().await });
        tokio::time::sleep(Duration::from_millis(1)).await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
    assert_eq!(work.dropped(), before + 2);
}

#[test]
fn a_panic_becomes_an_error_or_goes_on_in_the_poller() {
    let stage = stage();
    let work = work(&stage);
    everywhere(|| {
        let work = work.clone();
        async move {
            let panicked = Err(WorkError::Panicked { message: "out of luck".into() });
            assert_eq!(work.fail("out of luck").await, panicked);
            let panic = AssertUnwindSafe(work.panic("nowhere to go")).catch_unwind().await.unwrap_err();
            assert_eq!(message(panic), "nowhere to go");
            assert_eq!(work.echo("goes on").await, "goes on");
        }
    });
    let tokio = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let other = work.clone();
    let failed = tokio.block_on(async { tokio::spawn(async move { other.panic("in a task").await }).await });
    assert_eq!(message(failed.unwrap_err().into_panic()), "in a task");
}

#[test]
fn a_panic_in_the_destructor_of_a_future_goes_on_in_the_host() {
    let stage = stage();
    let work = work(&stage);
    let mut armed = Box::pin(work.armed());
    assert!(armed.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let panic = catch_unwind(AssertUnwindSafe(|| drop(armed))).unwrap_err();
    assert_eq!(message(panic), "dropped while armed");
}

#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn a_plugin_may_wake_a_task_whose_future_is_gone() {
    let stage = stage();
    let work = work(&stage);
    let counter = Arc::new(Counter::default());
    let waker = Waker::from(Arc::clone(&counter));
    for _ in 0..3 {
        let future = pin!(work.keep_waker());
        assert_eq!(future.poll(&mut Context::from_waker(&waker)), Poll::Pending);
    }
    drop(waker);
    assert_eq!(work.wake_kept(), 3);
    assert_eq!(counter.0.load(SeqCst), 3);
    assert_eq!(Arc::strong_count(&counter), 1, "the plugin dropped every waker");
}

/// An object of the host, whose futures the plugin polls.
struct Here;

impl Work for Here {
    async fn echo(&self, text: &str) -> String {
        smol::Timer::after(Duration::from_millis(2)).await;
        format!("host's {text}")
    }
    async fn wait(&self, times: u32) -> u32 {
        smol::future::yield_now().await;
        times + 40
    }
    async fn forever(&self) {}
    fn dropped(&self) -> u32 {
        0
    }
    async fn keep_waker(&self) {}
    fn wake_kept(&self) -> u32 {
        0
    }
    async fn fail(&self, _: &str) -> Result<u32, WorkError> {
        Err(WorkError::Failed)
    }
    async fn panic(&self, _: &str) {}
    async fn armed(&self) {}
    async fn relay(&self, _: Arc<dyn Work>, text: String) -> String {
        text
    }
}

#[test]
fn a_plugin_polls_futures_of_its_host() {
    let stage = stage();
    let plugin = stage.host().open("async-work").unwrap();
    everywhere(|| {
        let plugin = plugin.clone();
        async move {
            let work = plugin.root::<dyn Work>().unwrap();
            assert_eq!(work.relay(Arc::new(Here), "text".into()).await, "host's text after 42");
            // Its own object comes home.
            let same: Arc<dyn Work> = Arc::new(plugin.instantiate::<dyn Work>().unwrap());
            assert_eq!(work.relay(same, "text".into()).await, "text after 2");
        }
    });
}
