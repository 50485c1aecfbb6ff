//! What goes out of a library is counted until it is back or dropped. One test at a time: the counts are the process's.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::{
    collections::BTreeMap,
    error::Error,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    task::{Context, Waker},
    thread,
    time::{Duration, Instant},
};

use plugin_core::{
    __private::{Kind, ledger},
    Instance,
    abi::{AnyValue, RString},
    plugin_interface, thread as plugin_thread,
};

#[plugin_interface]
trait Named: Send + Sync {
    fn name(&self) -> String;

    fn into_name(self: Box<Self>) -> String;
}

#[plugin_interface]
trait Numbered: Named {
    fn number(&self) -> u64;

    fn into_number(self) -> u64;
}

#[plugin_interface]
trait Factory: Send + Sync {
    fn boxed(&self) -> Box<dyn Named>;

    fn numbered(&self) -> Box<dyn Numbered>;

    fn shared(&self) -> Arc<dyn Named>;

    fn take(&self, object: Box<dyn Named>) -> String;

    fn keep(&self, object: Arc<dyn Named>);

    fn give_up(&self);

    fn read(&self, object: &dyn Named) -> String;

    fn panic(&self, first: Box<dyn Named>, second: Vec<Box<dyn Named>>, lent: &mut Vec<u8>);

    fn adder(&self, by: u32) -> Box<dyn Fn(u32) -> u32 + Send + Sync>;

    fn once(&self, text: String) -> Box<dyn FnOnce() -> String + Send>;

    fn subscribe(&self, callback: Arc<dyn Fn(u32) + Send + Sync>);

    fn numbers(&self) -> Box<dyn Iterator<Item = u32> + Send>;

    fn fail(&self) -> Result<(), Box<dyn Error + Send + Sync>>;

    fn failed(&self, error: Box<dyn Error + Send + Sync>) -> bool;

    fn any(&self) -> AnyValue;

    async fn work(&self, text: String) -> String;
}

struct Text(String);

impl Named for Text {
    fn name(&self) -> String {
        self.0.clone()
    }

    fn into_name(self: Box<Self>) -> String {
        self.0
    }
}

impl Numbered for Text {
    fn number(&self) -> u64 {
        7
    }

    fn into_number(self) -> u64 {
        7
    }
}

/// Tells what is out while it is taken apart.
struct Busy;

impl Named for Busy {
    fn name(&self) -> String {
        "busy".into()
    }

    fn into_name(self: Box<Self>) -> String {
        format!("{:?}", held())
    }
}

struct Faulty;

impl Named for Faulty {
    fn name(&self) -> String {
        "faulty".into()
    }

    fn into_name(self: Box<Self>) -> String {
        panic!("as it is taken apart")
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        if !thread::panicking() {
            panic!("as it is dropped");
        }
    }
}

type Callback = Arc<dyn Fn(u32) + Send + Sync>;

#[derive(Default)]
struct Shop {
    kept: Mutex<Vec<Arc<dyn Named>>>,
    callbacks: Mutex<Vec<Callback>>,
}

fn text() -> Text {
    Text("text".into())
}

impl Factory for Shop {
    fn boxed(&self) -> Box<dyn Named> {
        Box::new(text())
    }

    fn numbered(&self) -> Box<dyn Numbered> {
        Box::new(text())
    }

    fn shared(&self) -> Arc<dyn Named> {
        Arc::new(text())
    }

    fn take(&self, object: Box<dyn Named>) -> String {
        object.into_name()
    }

    fn keep(&self, object: Arc<dyn Named>) {
        self.kept.lock().unwrap().push(object);
    }

    fn give_up(&self) {
        self.kept.lock().unwrap().clear();
        self.callbacks.lock().unwrap().clear();
    }

    fn read(&self, object: &dyn Named) -> String {
        object.name()
    }

    fn panic(&self, first: Box<dyn Named>, _second: Vec<Box<dyn Named>>, lent: &mut Vec<u8>) {
        lent.push(1);
        panic!("with {}", first.name())
    }

    fn adder(&self, by: u32) -> Box<dyn Fn(u32) -> u32 + Send + Sync> {
        Box::new(move |value| value + by)
    }

    fn once(&self, text: String) -> Box<dyn FnOnce() -> String + Send> {
        Box::new(move || if text.is_empty() { panic!("empty") } else { text })
    }

    fn subscribe(&self, callback: Arc<dyn Fn(u32) + Send + Sync>) {
        self.callbacks.lock().unwrap().push(callback);
    }

    fn numbers(&self) -> Box<dyn Iterator<Item = u32> + Send> {
        Box::new(0..3)
    }

    fn fail(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        Err("failed".into())
    }

    fn failed(&self, error: Box<dyn Error + Send + Sync>) -> bool {
        error.to_string() == "failed"
    }

    fn any(&self) -> AnyValue {
        AnyValue::new(RString::from("any"))
    }

    async fn work(&self, text: String) -> String {
        std::future::ready(text).await
    }
}

/// What is out, by kind and interface.
fn held() -> BTreeMap<String, usize> {
    let counters = ledger().counters().map(|counter| {
        let name = match counter.kind() {
            Kind::Object => counter.name().rsplit("::").next().unwrap().to_owned(),
            other => format!("{other:?}"),
        };
        (name, counter.went_out() - counter.came_back())
    });
    counters.filter(|(_, held)| *held > 0).collect()
}

/// A factory as another library has it, and the right to be the only one that counts.
struct Alone {
    factory: Instance<dyn Factory>,
    _guard: MutexGuard<'static, ()>,
}

impl Alone {
    fn new() -> Self {
        static ONE: Mutex<()> = Mutex::new(());
        let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(held(), BTreeMap::new());
        Self { factory: Instance::new(Shop::default()), _guard: guard }
    }

    /// What is out beside the factory.
    #[track_caller]
    fn holds(&self, expected: &[(&str, usize)]) {
        let mut held = held();
        assert_eq!(held.remove("Factory"), Some(1));
        let expected: BTreeMap<_, _> =
            expected.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        assert_eq!(held, expected);
    }
}

#[test]
fn every_kind_is_counted_until_it_is_dropped() {
    let alone = Alone::new();
    let factory = &alone.factory;
    // As objects of the trait, not as instances: those of this library came home.
    let objects = [Instance::<dyn Named>::new(text()), Instance::<dyn Named>::new(text())];
    let (adder, once) = (factory.adder(1), factory.once("once".into()));
    let numbers = factory.numbers();
    let any = factory.any();
    let mut work = Box::pin(factory.work("work".into()));
    alone.holds(&[("Named", 2), ("Closure", 2), ("Iterator", 1), ("Value", 1), ("Future", 1)]);

    assert_eq!((adder(1), once()), (2, "once".to_owned()));
    assert_eq!(numbers.collect::<Vec<_>>(), [0, 1, 2]);
    alone.holds(&[("Named", 2), ("Closure", 1), ("Value", 1), ("Future", 1)]);

    assert!(work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    alone.holds(&[("Named", 2), ("Closure", 1), ("Value", 1), ("Future", 1)]);
    drop((work, adder, objects));
    assert_eq!(any.downcast::<RString>().unwrap(), "any");
    alone.holds(&[]);
    drop(factory.any());
    alone.holds(&[]);
}

#[test]
fn what_comes_home_is_counted_no_more() {
    let alone = Alone::new();
    let factory = &alone.factory;
    // Out and home at once: both sides are this library.
    let object = factory.boxed();
    alone.holds(&[]);
    assert_eq!(factory.take(object), "text");
    factory.keep(factory.shared());
    assert_eq!(factory.read(&text()), "text");
    let error = factory.fail().unwrap_err();
    assert!(factory.failed(error));
    alone.holds(&[]);
    factory.give_up();
    alone.holds(&[]);
    // A closure is wrapped at each crossing, and is out as long as the wrapper lives.
    factory.subscribe(Arc::new(|_| ()));
    alone.holds(&[("Closure", 1)]);
    factory.give_up();
    alone.holds(&[]);
}

#[test]
fn an_object_counts_as_what_it_is_passed_as() {
    let alone = Alone::new();
    let numbered = || Instance::<dyn Numbered>::new(text());
    let object = numbered();
    alone.holds(&[("Numbered", 1)]);
    assert_eq!(object.number(), 7);
    drop(object);
    // A box of an instance goes as the instance: its supertrait's table takes it home.
    let object: Box<dyn Numbered> = Box::new(numbered());
    let object: Box<dyn Named> = object;
    alone.holds(&[("Numbered", 1)]);
    assert_eq!(alone.factory.take(object), "text");
    alone.holds(&[]);
    assert_eq!(Box::new(numbered()).into_name(), "text");
    alone.holds(&[]);
    assert_eq!(numbered().into_number(), 7);
    alone.holds(&[]);
    assert_eq!(alone.factory.numbered().number(), 7);
    alone.holds(&[]);
}

#[test]
fn what_a_call_takes_is_out_until_the_call_is_over() {
    let alone = Alone::new();
    let meanwhile = Box::new(Instance::<dyn Named>::new(Busy)).into_name();
    assert_eq!(meanwhile, r#"{"Factory": 1, "Named": 1}"#);
    alone.holds(&[]);
}

#[test]
fn raw_objects_go_on_counting() {
    let alone = Alone::new();
    let object = Instance::into_raw(Instance::<dyn Named>::new(text()));
    alone.holds(&[("Named", 1)]);
    // SAFETY: from `into_raw`, above.
    let object = unsafe { Instance::<dyn Named>::from_raw(object) };
    alone.holds(&[("Named", 1)]);
    let object = Instance::into_raw(object);
    // SAFETY: nobody else has it.
    unsafe { object.destroy() }.unwrap();
    alone.holds(&[]);
}

#[test]
fn panics_keep_the_balance() {
    let alone = Alone::new();
    let factory = &alone.factory;
    let foreign = || Box::new(Instance::<dyn Named>::new(text()));
    let mut lent = Vec::new();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        factory.panic(foreign(), vec![foreign(), factory.boxed()], &mut lent);
    }));
    assert!(panicked.is_err());
    assert_eq!(lent, [1]);
    alone.holds(&[]);
    // Destructors and methods by value.
    let faulty = Instance::<dyn Named>::new(Faulty);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(faulty))).is_err());
    alone.holds(&[]);
    assert!(catch_unwind(|| Box::new(Instance::<dyn Named>::new(Faulty)).into_name()).is_err());
    alone.holds(&[]);
    let once = factory.once(String::new());
    assert!(catch_unwind(AssertUnwindSafe(once)).is_err());
    alone.holds(&[]);
}

#[test]
fn wakers_count_while_a_future_keeps_them() {
    #[plugin_interface]
    trait Waiting: Send + Sync {
        async fn wait(&self);
    }
    #[derive(Default)]
    struct Waits(Arc<Mutex<Option<Waker>>>);
    impl Waiting for Waits {
        async fn wait(&self) {
            let kept = Arc::clone(&self.0);
            std::future::poll_fn(move |context| {
                *kept.lock().unwrap() = Some(context.waker().clone());
                std::task::Poll::<()>::Pending
            })
            .await;
        }
    }
    let alone = Alone::new();
    let waits = Waits::default();
    let kept = Arc::clone(&waits.0);
    let waiting = Instance::<dyn Waiting>::new(waits);
    let mut future = Box::pin(waiting.wait());
    assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    alone.holds(&[("Waiting", 1), ("Future", 1), ("Waker", 1)]);
    drop(future);
    alone.holds(&[("Waiting", 1), ("Waker", 1)]);
    kept.lock().unwrap().take().unwrap().wake();
    alone.holds(&[("Waiting", 1)]);
    drop(waiting);
}

#[test]
fn nothing_is_left_after_work_on_many_threads() {
    let rounds = if cfg!(miri) { 3 } else { 1000 };
    let alone = Alone::new();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..rounds {
                    let factory = &alone.factory;
                    let object = Box::new(Instance::<dyn Named>::new(text()));
                    factory.keep(factory.shared());
                    assert_eq!(factory.take(object), "text");
                    assert_eq!(factory.adder(1)(1), 2);
                    assert_eq!(factory.once("once".into())(), "once");
                    drop(factory.numbers());
                    drop(factory.work("dropped".into()));
                    assert!(factory.failed(factory.fail().unwrap_err()));
                    factory.subscribe(Arc::new(|_| ()));
                }
            });
        }
    });
    alone.holds(&[("Closure", 8 * rounds)]);
    alone.factory.give_up();
    alone.holds(&[]);
}

#[test]
fn whoever_drops_the_last_tells_the_watcher() {
    static TOLD: AtomicUsize = AtomicUsize::new(0);
    extern "C" fn told() {
        TOLD.fetch_add(1, SeqCst);
    }
    let alone = Alone::new();
    let objects = [(); 3].map(|()| Instance::<dyn Named>::new(text()));
    ledger().watch(told);
    let [first, second, third] = objects;
    drop((first, second));
    assert_eq!(TOLD.load(SeqCst), 0);
    thread::spawn(move || drop(third)).join().unwrap();
    assert_eq!(TOLD.load(SeqCst), 1);
    // A counter that is new to the ledger is watched as well.
    #[plugin_interface]
    trait Late: Send + Sync {}
    impl Late for Text {}
    drop(Instance::<dyn Late>::new(text()));
    assert_eq!(TOLD.load(SeqCst), 2);
    drop(alone);
    assert_eq!(TOLD.load(SeqCst), 3);
}

#[test]
fn threads_have_names_and_learn_that_they_stop() {
    let _alone = Alone::new();
    let (sender, receiver) = mpsc::channel();
    let ticker = plugin_thread::spawn("ticker", move |stop| {
        sender.send(()).unwrap();
        stop.wait();
        stop.is_set()
    });
    let ticker = ticker.unwrap();
    let single = plugin_thread::spawn("single", |stop| stop.wait_timeout(Duration::from_secs(60))).unwrap();
    receiver.recv().unwrap();
    let threads = ledger().threads().unwrap();
    let mut names = threads.names();
    names.sort();
    assert_eq!(names, ["single", "ticker"]);
    assert!(!plugin_thread::stopping() && !ticker.is_finished());

    single.stop();
    assert!(single.join().unwrap());
    assert_eq!(threads.names(), ["ticker"]);
    ledger().stop(false);
    assert!(ticker.join().unwrap());
    assert_eq!(threads.names(), Vec::<String>::new());
    assert!(!plugin_thread::stopping(), "another may be started");

    let panicked = plugin_thread::spawn("panics", |_| panic!("in a thread")).unwrap();
    assert_eq!(*panicked.join().unwrap_err().downcast::<&str>().unwrap(), "in a thread");
    assert_eq!(threads.names(), Vec::<String>::new());
    let refused = plugin_thread::spawn("a\0b", |_| ()).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);

    ledger().stop(true);
    assert!(plugin_thread::stopping());
    let start = Instant::now();
    plugin_thread::spawn("late", |stop| stop.wait()).unwrap().join().unwrap();
    assert!(start.elapsed() < Duration::from_secs(30));
}
