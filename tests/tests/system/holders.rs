//! Who holds what of a plugin, and how a shutdown waits for them.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
        mpsc,
    },
    task::{Context, Waker},
    thread,
    time::{Duration, Instant},
};

use async_api::Work;
use integration::{Child, Stage};
use objects_api::{Calling, Named, Numbered, Passing};
use plugin_core::{Instance, abi::AnyValue};
use plugin_host::{Plugin, RootError, ShutdownError, symbol};

use crate::{chain, fixture};

/// Generous: nothing waits so long that passes.
const LONG: Duration = Duration::from_secs(20);

fn open(stage: &Stage) -> Plugin {
    stage.host().open("objects").unwrap()
}

fn stage() -> Stage {
    Stage::with(&fixture("objects"))
}

/// Who holds something, in words.
fn holders(plugin: &Plugin) -> Vec<String> {
    plugin.holders().iter().map(ToString::to_string).collect()
}

/// Those that a shutdown found.
#[track_caller]
fn held(result: Result<(), ShutdownError>) -> Vec<String> {
    match result.unwrap_err() {
        ShutdownError::Held { holders, .. } => holders.iter().map(ToString::to_string).collect(),
        other => panic!("expected holders, found {other}"),
    }
}

fn stopped(plugin: &Plugin) -> u32 {
    plugin.lookup::<AtomicU32>("STOPPED").unwrap().load(SeqCst)
}

fn start_thread(plugin: &Plugin, name: &str, is_stubborn: bool) {
    let start = symbol!(plugin, start_thread: fn(name: &str, is_stubborn: bool) -> Result<(), String>);
    start.unwrap()(name, is_stubborn).unwrap();
}

struct Text(String);

impl Named for Text {
    fn name(&self) -> String {
        self.0.clone()
    }

    fn rename(&mut self, name: &str) {
        name.clone_into(&mut self.0);
    }

    fn into_name(self: Box<Self>) -> String {
        self.0
    }
}

#[test]
fn each_kind_is_listed_until_it_is_dropped() {
    let stage = stage();
    let plugin = open(&stage);
    assert_eq!(holders(&plugin), [""; 0]);

    let passing = plugin.root::<dyn Passing>().unwrap();
    let again = passing.clone();
    let own = plugin.instantiate::<dyn Passing>().unwrap();
    let objects: (Box<dyn Named>, Arc<dyn Named>) = (passing.make("a"), passing.share("b"));
    let shared = Arc::clone(&objects.1);
    let calling = plugin.root::<dyn Calling>().unwrap();
    let adder = calling.adder(1);
    let count_to = plugin.lookup_fn::<fn(u32) -> Box<dyn Iterator<Item = u32> + Send>>("count_to").unwrap();
    let numbers = count_to.call(3);
    type Fail = fn(String) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
    let error = plugin.lookup_fn::<Fail>("fail").unwrap().call("why".into()).unwrap_err();
    let value = plugin.lookup_fn::<fn(u32) -> AnyValue>("any").unwrap().call(7);
    start_thread(&plugin, "first", false);
    start_thread(&plugin, "second", false);
    assert_eq!(
        holders(&plugin),
        [
            "1 root of `objects_api::Calling`",
            "2 roots of `objects_api::Passing`",
            "2 objects of `objects_api::Named`",
            "1 object of `objects_api::Passing`",
            "1 closure",
            "1 iterator",
            "1 error",
            "1 `AnyValue`",
            "1 thread `first`",
            "1 thread `second`",
        ]
    );
    // Each is gone after its drop, wherever that is.
    assert_eq!((adder(1), numbers.sum::<u32>(), error.to_string().as_str()), (2, 3, "why"));
    thread::spawn(move || drop((adder, error, calling, own, again))).join().unwrap();
    assert_eq!(value.downcast::<u32>().unwrap(), 7);
    drop(objects);
    assert_eq!(
        holders(&plugin),
        [
            "1 root of `objects_api::Passing`",
            "1 object of `objects_api::Named`",
            "1 thread `first`",
            "1 thread `second`",
        ]
    );
    drop((passing, shared));
    assert_eq!(holders(&plugin), ["1 thread `first`", "1 thread `second`"]);
    plugin.shutdown(LONG).unwrap();
    assert_eq!(holders(&plugin), [""; 0]);
}

#[test]
fn futures_are_listed() {
    let stage = Stage::with(&fixture("async-work"));
    let plugin = stage.host().open("async-work").unwrap();
    let work = plugin.root::<dyn Work>().unwrap();
    {
        let mut echo = pin!(work.echo("text"));
        assert_eq!(holders(&plugin), ["1 root of `async_api::Work`", "1 future"]);
        assert!(echo.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
        assert_eq!(holders(&plugin), ["1 root of `async_api::Work`", "1 future"]);
    }
    assert_eq!(holders(&plugin), ["1 root of `async_api::Work`"]);
    drop(work);
    plugin.shutdown(Duration::ZERO).unwrap();
}

#[test]
fn objects_that_come_home_are_counted_once() {
    let stage = stage();
    let plugin = open(&stage);
    let passing = plugin.root::<dyn Passing>().unwrap();
    let root = "1 root of `objects_api::Passing`";
    let object = passing.make("a");
    let object = passing.boxed(object);
    assert_eq!(holders(&plugin), [root, "1 object of `objects_api::Named`"]);
    assert_eq!(passing.consume(object), "a");
    assert_eq!(holders(&plugin), [root]);
    let shared = passing.share("b");
    let again = passing.shared(Arc::clone(&shared));
    assert_eq!(holders(&plugin), [root, "2 objects of `objects_api::Named`"]);
    drop((shared, again));
    assert_eq!(holders(&plugin), [root]);

    // The host's own are not the plugin's, wherever they are.
    let mut keeper = plugin.instantiate::<dyn Passing>().unwrap();
    keeper.keep(Arc::new(Text("host's".into())));
    assert_eq!(holders(&plugin), [root, "1 object of `objects_api::Passing`"]);
    assert_eq!(keeper.kept()[0].name(), "host's");
    // Raw objects go on counting; methods by value end them.
    let raw = Instance::into_raw(keeper);
    assert_eq!(holders(&plugin), [root, "1 object of `objects_api::Passing`"]);
    // SAFETY: from `into_raw`, above.
    assert_eq!(unsafe { Instance::<dyn Passing>::from_raw(raw) }.finish(), 1);
    assert_eq!(holders(&plugin), [root]);
}

#[test]
fn what_another_plugin_holds_counts_for_its_maker() {
    let stage = stage();
    let other = stage.add_as(&fixture("objects"), "libother.so");
    let host = stage.host().side_by_side();
    let (maker, keeper) = (host.open("objects").unwrap(), host.open(other).unwrap());
    let mut shelf = keeper.instantiate::<dyn Passing>().unwrap();
    let passing = maker.root::<dyn Passing>().unwrap();
    shelf.keep(passing.share("a"));
    shelf.keep(passing.share("b"));
    drop(passing);
    assert_eq!(holders(&maker), ["2 objects of `objects_api::Named`"]);
    assert_eq!(holders(&keeper), ["1 object of `objects_api::Passing`"]);
    assert_eq!(held(maker.shutdown(Duration::ZERO)), ["2 objects of `objects_api::Named`"]);
    drop(shelf);
    maker.shutdown(Duration::ZERO).unwrap();
    keeper.shutdown(Duration::ZERO).unwrap();
}

#[test]
fn a_shutdown_waits_for_the_last_holder() {
    let stage = stage();
    let plugin = open(&stage);
    let object = plugin.root::<dyn Passing>().unwrap().make("a");
    let (sender, receiver) = mpsc::channel();
    let dropping = thread::spawn(move || {
        receiver.recv().unwrap();
        thread::sleep(Duration::from_millis(100));
        assert_eq!(object.name(), "a");
        drop(object);
    });
    sender.send(()).unwrap();
    let start = Instant::now();
    plugin.shutdown(LONG).unwrap();
    assert!(start.elapsed() < LONG);
    dropping.join().unwrap();
    assert_eq!(stopped(&plugin), 1);
}

#[test]
fn nothing_is_stopped_while_somebody_holds_something() {
    let stage = stage();
    let plugin = open(&stage);
    let object = plugin.instantiate::<dyn Passing>().unwrap();
    start_thread(&plugin, "stays", false);
    for within in [Duration::ZERO, Duration::from_millis(20)] {
        let error = plugin.shutdown(within).unwrap_err();
        assert_eq!(
            error.to_string(),
            "plugin objects 0.1.0 is held by 1 object of `objects_api::Passing`: nothing was stopped; drop what is held, \
             or wait longer"
        );
    }
    assert_eq!(stopped(&plugin), 0);
    // It is as usable as before.
    let another = plugin.instantiate::<dyn Passing>().unwrap();
    assert_eq!(plugin.root::<dyn Passing>().unwrap().make("a").name(), "a");
    assert_eq!(plugin.holders().len(), 2, "{:?}", plugin.holders());
    drop((object, another));
    plugin.shutdown(LONG).unwrap();
    assert_eq!(stopped(&plugin), 1);
    assert!(plugin.lookup::<AtomicBool>("STOPPING").unwrap().load(SeqCst));
    assert!(matches!(plugin.instantiate::<dyn Passing>(), Err(RootError::ShutDown { .. })));
    assert!(matches!(plugin.shutdown(LONG), Err(ShutdownError::Twice { .. })));
}

#[test]
fn a_plugin_without_threads_learns_that_it_stops() {
    let stage = stage();
    let plugin = open(&stage);
    plugin.shutdown(LONG).unwrap();
    assert!(plugin.lookup::<AtomicBool>("STOPPING").unwrap().load(SeqCst));
}

#[test]
fn a_plugin_that_is_closing_gives_nothing_more() {
    let stage = stage();
    let plugin = open(&stage);
    let root = plugin.root::<dyn Passing>().unwrap();
    thread::scope(|scope| {
        let closing = scope.spawn(|| plugin.shutdown(LONG));
        let start = Instant::now();
        while plugin.instantiate::<dyn Passing>().is_ok() {
            assert!(start.elapsed() < LONG);
        }
        assert!(matches!(plugin.root::<dyn Passing>(), Err(RootError::ShutDown { .. })));
        assert!(matches!(plugin.shutdown(LONG), Err(ShutdownError::UnderWay { .. })));
        // What is out works until it is dropped.
        assert_eq!(root.make("a").name(), "a");
        assert_eq!(stopped(&plugin), 0);
        drop(root);
        closing.join().unwrap().unwrap();
    });
    assert_eq!(stopped(&plugin), 1);
}

#[test]
fn a_thread_that_does_not_stop_is_named() {
    let stage = stage();
    let plugin = open(&stage);
    start_thread(&plugin, "obedient", false);
    start_thread(&plugin, "stubborn", true);
    let error = plugin.shutdown(Duration::from_millis(300)).unwrap_err();
    let ShutdownError::ThreadsRun { threads, .. } = &error else { panic!("{error}") };
    assert_eq!(threads.iter().map(ToString::to_string).collect::<Vec<_>>(), ["1 thread `stubborn`"]);
    assert!(error.to_string().contains("1 thread `stubborn`"), "{error}");
    assert_eq!(stopped(&plugin), 1);
    assert_eq!(holders(&plugin), ["1 thread `stubborn`"]);
    // Asked again, it waits again, and `#[shutdown]` does not run again.
    plugin.lookup::<AtomicBool>("STUBBORN").unwrap().store(false, SeqCst);
    plugin.shutdown(LONG).unwrap();
    assert_eq!(stopped(&plugin), 1);
    assert!(matches!(plugin.shutdown(LONG), Err(ShutdownError::Twice { .. })));
}

#[test]
fn a_thread_that_panics_is_gone() {
    Child::of("holders::a_thread_that_panics_is_gone").passes(|| {
        let stage = stage();
        let plugin = open(&stage);
        assert!(plugin.lookup_fn::<fn() -> bool>("panic_in_thread").unwrap().call());
        assert_eq!(holders(&plugin), [""; 0]);
    });
}

#[test]
fn a_shutdown_that_panics_is_a_shutdown() {
    let stage = stage();
    let plugin = open(&stage);
    plugin.lookup::<AtomicBool>("PANIC_IN_SHUTDOWN").unwrap().store(true, SeqCst);
    start_thread(&plugin, "stops", false);
    let error = plugin.shutdown(LONG).unwrap_err();
    assert!(chain(&error).contains("shutdown was asked to panic"), "{}", chain(&error));
    assert_eq!((holders(&plugin), stopped(&plugin)), (vec![], 1));
    assert!(matches!(plugin.shutdown(LONG), Err(ShutdownError::Twice { .. })));
}

#[test]
fn the_last_of_two_hosts_waits_for_the_holders_of_both() {
    let stage = stage();
    let (first, second) = (stage.host(), stage.host());
    let (one, other) = (first.open("objects").unwrap(), second.open("objects").unwrap());
    let root = one.root::<dyn Passing>().unwrap();
    // Nothing ends for the other host, so nobody waits.
    one.shutdown(Duration::ZERO).unwrap();
    assert_eq!(root.make("a").name(), "a");
    assert!(matches!(one.root::<dyn Passing>(), Err(RootError::ShutDown { .. })));
    assert_eq!(held(other.shutdown(Duration::ZERO)), ["1 root of `objects_api::Passing`"]);
    assert_eq!(stopped(&other), 0);
    assert!(other.instantiate::<dyn Passing>().is_ok());
    drop(root);
    other.shutdown(Duration::ZERO).unwrap();
    assert_eq!(stopped(&other), 1);
}

#[test]
fn a_host_that_opens_a_plugin_while_another_one_closes_it_keeps_it() {
    let stage = stage();
    let (plugin, later) = (open(&stage), stage.host());
    let root = plugin.root::<dyn Passing>().unwrap();
    let opened = thread::scope(|scope| {
        let closing = scope.spawn(|| plugin.shutdown(LONG));
        let start = Instant::now();
        while plugin.instantiate::<dyn Passing>().is_ok() {
            assert!(start.elapsed() < LONG);
        }
        let opened = later.open("objects").unwrap();
        drop(root);
        closing.join().unwrap().unwrap();
        opened
    });
    assert!(matches!(plugin.root::<dyn Passing>(), Err(RootError::ShutDown { .. })));
    assert!(matches!(plugin.shutdown(LONG), Err(ShutdownError::Twice { .. })));
    assert_eq!(opened.root::<dyn Passing>().unwrap().make("a").name(), "a");
    assert_eq!(stopped(&opened), 0);
    opened.shutdown(LONG).unwrap();
    assert_eq!(stopped(&opened), 1);
}

/// In a process of its own, in case it hangs.
#[test]
fn a_shutdown_from_within_the_plugin_returns() {
    Child::of("holders::a_shutdown_from_within_the_plugin_returns").passes(|| {
        let stage = stage();
        let plugin = open(&stage);
        let calling = plugin.root::<dyn Calling>().unwrap();
        let answers = std::cell::RefCell::new(Vec::new());
        calling.map(vec![0, 50], &|within| {
            answers.borrow_mut().push(held(plugin.shutdown(Duration::from_millis(within))));
            within
        });
        assert_eq!(
            answers.take(),
            [["1 root of `objects_api::Calling`"], ["1 root of `objects_api::Calling`"]]
        );
        drop(calling);
        plugin.shutdown(Duration::ZERO).unwrap();
    });
}

#[test]
fn one_of_many_shutdowns_runs() {
    const THREADS: usize = 16;
    let stage = stage();
    let plugin = open(&stage);
    let barrier = Barrier::new(THREADS);
    let results: Vec<_> = thread::scope(|scope| {
        let shut_down = || {
            barrier.wait();
            plugin.shutdown(LONG)
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(shut_down)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(
        results
            .iter()
            .filter_map(|result| result.as_ref().err())
            .all(|error| { matches!(error, ShutdownError::UnderWay { .. } | ShutdownError::Twice { .. }) })
    );
    assert_eq!(stopped(&plugin), 1);
}

#[test]
fn panics_keep_the_balance() {
    let stage = stage();
    let plugin = open(&stage);
    let passing = plugin.root::<dyn Passing>().unwrap();
    for _ in 0..10 {
        let object = passing.make("a");
        assert!(catch_unwind(AssertUnwindSafe(|| passing.panic(&*object))).is_err());
        // The arguments of a call that panics half way are dropped, on whichever side they are.
        let adder = plugin.root::<dyn Calling>().unwrap().adder(u32::MAX);
        assert!(catch_unwind(AssertUnwindSafe(|| adder(1))).is_err());
        let shared = passing.share("b");
        let other = Arc::clone(&shared);
        assert!(catch_unwind(AssertUnwindSafe(|| passing.rename_shared(other))).is_err());
        let calling = plugin.root::<dyn Calling>().unwrap();
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            calling.objects(&|_, object| panic!("with {}", object.name()), &*passing)
        }));
        assert!(unwound.is_err());
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            calling.nested(&|_, prefix| {
                drop(prefix);
                panic!("in the host")
            })
        }));
        assert!(unwound.is_err());
    }
    assert_eq!(holders(&plugin), ["1 root of `objects_api::Passing`"]);
    drop(passing);
    plugin.shutdown(Duration::ZERO).unwrap();
}

/// A number, as an object that has a supertrait.
impl Numbered for Text {
    fn number(&self) -> u64 {
        0
    }
}

#[test]
fn nothing_is_left_after_work_on_many_threads() {
    let stage = stage();
    stage.add(&fixture("async-work"));
    let host = stage.host();
    let plugins = [host.open("objects").unwrap(), host.open("async-work").unwrap()];
    let passing = plugins[0].root::<dyn Passing>().unwrap();
    let calling = plugins[0].root::<dyn Calling>().unwrap();
    let work = plugins[1].root::<dyn Work>().unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut shelf = plugins[0].instantiate::<dyn Passing>().unwrap();
                for round in 0..500 {
                    shelf.keep(passing.share("shared"));
                    shelf.keep(passing.upcast(Arc::new(Text("mine".into()))));
                    assert_eq!(shelf.consume(passing.make("a")), "a");
                    let boxed = passing.boxed_through(&shelf, passing.make("b"));
                    assert_eq!(boxed.twice(), "bb");
                    assert_eq!(calling.adder(1)(round), round + 1);
                    assert_eq!(calling.shared(Arc::new(|bytes| bytes.len()))(b"abc"), 3);
                    assert_eq!(calling.once(Box::new(String::into_bytes)), b"thread");
                    assert_eq!(pollster::block_on(work.echo("c")), "c");
                    drop(work.forever());
                }
                assert_eq!(shelf.finish(), 1000);
            });
        }
    });
    drop((passing, calling, work));
    for plugin in plugins {
        assert_eq!(holders(&plugin), [""; 0], "{plugin}");
        plugin.shutdown(Duration::ZERO).unwrap();
    }
}

/// Whoever gets an object has one of a plugin that is not stopped, for as long as it is held, also if what is held is always
/// another thing.
#[test]
fn nobody_has_anything_of_a_plugin_that_stopped() {
    for _ in 0..20 {
        let stage = stage();
        let plugin = open(&stage);
        let stopped = plugin.lookup::<AtomicU32>("STOPPED").unwrap();
        let goes_on = |what: &str| assert_eq!(stopped.load(SeqCst), 0, "{what} of a plugin that stopped");
        let begun = Barrier::new(5);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    begun.wait();
                    loop {
                        let Ok(root) = plugin.root::<dyn Passing>() else { break };
                        goes_on("a root");
                        let object = root.make("a");
                        drop(root);
                        goes_on("an object");
                        let Ok(another) = plugin.instantiate::<dyn Calling>() else { continue };
                        drop(object);
                        let adder = another.adder(1);
                        drop(another);
                        goes_on("a closure");
                        assert_eq!(adder(1), 2);
                        goes_on("a closure");
                    }
                });
            }
            begun.wait();
            plugin.shutdown(LONG).unwrap();
        });
        assert_eq!((stopped.load(SeqCst), plugin.holders()), (1, vec![]));
    }
}

/// There is always something, but never one thing that stays.
#[test]
fn what_wanders_is_always_seen() {
    let stage = stage();
    let plugin = open(&stage);
    let any = plugin.lookup_fn::<fn(u32) -> AnyValue>("any").unwrap();
    let count_to = plugin.lookup_fn::<fn(u32) -> Box<dyn Iterator<Item = u32> + Send>>("count_to").unwrap();
    let first = any.call(0);
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut value = first;
            while !is_done.load(SeqCst) {
                let numbers = count_to.call(1);
                drop(value);
                value = any.call(1);
                drop(numbers);
            }
        });
        let missed = (0..20_000).filter(|_| plugin.holders().is_empty()).count();
        is_done.store(true, SeqCst);
        assert_eq!(missed, 0);
    });
    assert_eq!(holders(&plugin), [""; 0]);
}
