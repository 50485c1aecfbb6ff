//! Plugins that use tokio, in hosts that may have another executor, or none.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::{Duration, Instant},
};

use async_api::Tasks;
use integration::{Child, Compiler, Profile, Stage, built};
use object::{Object as _, ObjectSymbol as _};
use plugin_host::{OpenError, Plugin, ShutdownError};

/// Generous: nothing waits so long that passes.
const LONG: Duration = Duration::from_secs(20);

fn stage() -> Stage {
    Stage::with(&built(Compiler::Host, Profile::Tokio, "tasks"))
}

fn open(stage: &Stage) -> Plugin {
    stage.host().open("tasks").unwrap()
}

/// With the plugin that does not ask for the runtime everywhere beside it.
fn both() -> (Stage, Plugin) {
    let stage = stage();
    stage.add(&built(Compiler::Host, Profile::Tokio, "tasks-in-futures"));
    let plugin = open(&stage);
    (stage, plugin)
}

/// Waits for something that another thread does.
#[track_caller]
fn until(what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < Duration::from_secs(10), "it did not happen");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The threads of this process that are a plugin's tokio.
#[cfg(target_os = "linux")]
fn threads() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.trim() == "plugin-tokio").count()
}

#[test]
fn timers_tasks_and_sockets_work_under_any_executor() {
    let (stage, _) = both();
    let tasks = stage.host().open_root::<dyn Tasks>("tasks-in-futures").unwrap();
    let work = || async {
        assert!(tasks.sleep(20).await >= 20);
        assert_eq!(tasks.spawn(100).await, 4950);
        assert_eq!(tasks.over_tcp("over the wire".into()).await.unwrap(), "over the wire");
        let (sleep, spawned) = futures::future::join(tasks.sleep(5), tasks.spawn(10)).await;
        assert!(sleep >= 5 && spawned == 45);
    };
    pollster::block_on(work());
    futures::executor::block_on(work());
    smol::block_on(work());
    let tokio = tokio::runtime::Builder::new_current_thread().build().unwrap();
    tokio.block_on(work());
}

#[test]
fn a_future_is_dropped_in_the_runtime() {
    let (stage, _) = both();
    let tasks = stage.host().open_root::<dyn Tasks>("tasks-in-futures").unwrap();
    let (_, before) = tasks.tasks();
    let mut future = Box::pin(tasks.spawn_when_dropped());
    assert!(futures::FutureExt::now_or_never(&mut future).is_none());
    drop(future);
    until(|| tasks.tasks().1 > before);
}

#[test]
fn synchronous_functions_are_in_the_runtime_where_the_plugin_asks() {
    let (stage, plugin) = both();
    let is_in_runtime = |plugin: &Plugin| plugin.lookup_fn::<fn() -> bool>("is_in_runtime").unwrap().call();
    assert!(is_in_runtime(&plugin));
    assert!(!is_in_runtime(&stage.host().open("tasks-in-futures").unwrap()));
    let tasks = plugin.root::<dyn Tasks>().unwrap();
    // One was spawned by `#[init]`.
    until(|| tasks.tasks().0 >= 1);
    let (begun, _) = tasks.tasks();
    tasks.background();
    until(|| tasks.tasks().0 > begun);
}

/// Cargo gives the feature to every plugin that is built with one that asks for it.
#[test]
fn a_plugin_without_futures_has_none_of_tokio() {
    let symbols_of = |package| {
        let bytes = fs::read(built(Compiler::Host, Profile::Tokio, package)).unwrap();
        let file = object::File::parse(&*bytes).unwrap();
        let symbols = file.symbols().filter(|symbol| symbol.is_definition());
        let names: Vec<_> = symbols.filter_map(|symbol| symbol.name().ok().map(str::to_owned)).collect();
        assert!(names.len() > 100, "{package} has its symbols");
        names.into_iter().filter(|name| name.contains("tokio")).collect::<Vec<_>>()
    };
    assert!(symbols_of("tasks").len() > 100);
    assert_eq!(symbols_of("lifecycle"), Vec::<String>::new());
}

#[test]
#[cfg(target_os = "linux")]
fn the_runtime_stops_with_the_plugin() {
    Child::of("tokio_plugins::the_runtime_stops_with_the_plugin").passes(|| {
        let stage = stage();
        let plugin = open(&stage);
        let tasks = plugin.root::<dyn Tasks>().unwrap();
        assert!(pollster::block_on(tasks.sleep(1)) >= 1);
        tasks.background();
        until(|| tasks.tasks() == (2, 0));
        // A thread names itself.
        until(|| threads() == 2);
        drop(tasks);
        plugin.shutdown(LONG).unwrap();
        assert!(plugin.lookup::<AtomicBool>("SHUT_DOWN_IN_RUNTIME").unwrap().load(SeqCst));
        let counts = plugin.lookup_fn::<fn() -> (u32, u32)>("counts").unwrap();
        assert_eq!(counts.call(), (2, 2), "every task was dropped");
        until(|| threads() == 0);
        // What is left of the plugin says that its runtime is gone, and starts no other.
        let panic = plugin.lookup_fn::<fn()>("nap").unwrap().try_call().unwrap_err();
        assert!(panic.message().contains("shut"), "{panic}");
        assert_eq!(threads(), 0);
        assert!(matches!(plugin.shutdown(LONG), Err(ShutdownError::Twice { .. })));
    });
}

#[test]
#[cfg(target_os = "linux")]
fn the_runtime_stops_with_a_start_that_fails() {
    Child::of("tokio_plugins::the_runtime_stops_with_a_start_that_fails").passes(|| {
        let stage = stage();
        for (asked, times) in [("fail-in-init", 2), ("fail-in-constructor", 2)] {
            let file = stage.write(asked, "");
            for _ in 0..times {
                assert!(matches!(
                    stage.host().open("tasks"),
                    Err(OpenError::Init { .. } | OpenError::Constructor { .. })
                ));
                until(|| threads() == 0);
            }
            fs::remove_file(file).unwrap();
        }
        let tasks = stage.host().open_root::<dyn Tasks>("tasks").unwrap();
        assert_eq!(pollster::block_on(tasks.spawn(3)), 3);
        // A thread names itself.
        until(|| threads() == 2);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_task_that_does_not_yield_is_an_error_of_shutdown() {
    Child::of("tokio_plugins::a_task_that_does_not_yield_is_an_error_of_shutdown").passes(|| {
        let stage = stage();
        let plugin = open(&stage);
        let tasks = plugin.root::<dyn Tasks>().unwrap();
        pollster::block_on(tasks.block(60_000));
        until(|| tasks.tasks().0 == 2);
        drop(tasks);
        let start = Instant::now();
        for _ in 0..2 {
            let error = plugin.shutdown(Duration::from_millis(300)).unwrap_err();
            assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
            let ShutdownError::ThreadsRun { threads, .. } = &error else { panic!("{error}") };
            let threads: Vec<_> = threads.iter().map(ToString::to_string).collect();
            assert_eq!(threads, ["1 thread `plugin-tokio`"]);
        }
    });
}
