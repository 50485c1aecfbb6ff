//! Linked plugins that use tokio share one copy of it.
#![cfg(target_os = "linux")]

use std::{
    fs,
    time::{Duration, Instant},
};

use async_api::Tasks;
use integration::Child;
use plugin_host::Plugin;

/// Time enough.
const LONG: Duration = Duration::from_secs(5);

/// Waits for something that another thread does.
#[track_caller]
fn until(what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < Duration::from_secs(10), "it did not happen");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The threads of this process that are the plugins' tokio. One has its name only when it runs, and the system may list one
/// for a moment after it was joined.
fn threads() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.trim() == "plugin-tokio").count()
}

/// How many tasks have begun, and how many of them were dropped, of a plugin that gives no more objects.
fn counts(plugin: &Plugin) -> (u32, u32) {
    plugin.lookup_fn::<fn() -> (u32, u32)>("counts").unwrap().call()
}

#[test]
fn the_runtime_stops_with_the_last_plugin() {
    Child::of("runtime::the_runtime_stops_with_the_last_plugin").passes(|| {
        let host = crate::linked();
        let (plugin, other) = (host.open("tasks").unwrap(), host.open("lifecycle").unwrap());
        let tasks = plugin.root::<dyn Tasks>().unwrap();
        assert_eq!(pollster::block_on(tasks.spawn(100)), 4950);
        assert_eq!(pollster::block_on(tasks.over_tcp("over the wire".into())).unwrap(), "over the wire");
        // One was spawned by `#[init]`.
        tasks.background();
        until(|| tasks.tasks() == (2, 0));
        until(|| threads() == 2);

        other.shutdown(LONG).unwrap();
        assert_eq!((threads(), tasks.tasks()), (2, (2, 0)), "another plugin's runtime goes on");
        assert_eq!(pollster::block_on(tasks.spawn(3)), 3);

        drop(tasks);
        plugin.shutdown(LONG).unwrap();
        // Before the call, which runs in the runtime of the linked plugins and starts it anew.
        until(|| threads() == 0);
        assert_eq!(counts(&plugin), (2, 2), "every task was dropped");
    });
}

#[test]
fn one_plugin_that_is_shut_down_leaves_the_runtime_to_the_others() {
    Child::of("runtime::one_plugin_that_is_shut_down_leaves_the_runtime_to_the_others").passes(|| {
        let host = crate::linked();
        let (plugin, other) = (host.open("tasks").unwrap(), host.open("lifecycle").unwrap());
        until(|| counts(&plugin) == (1, 0));
        plugin.shutdown(LONG).unwrap();
        assert_eq!(counts(&plugin), (1, 0), "what it left in the runtime runs on there");
        until(|| threads() == 2);
        other.shutdown(LONG).unwrap();
        until(|| threads() == 0);
        assert_eq!(counts(&plugin), (1, 1));
        // Not for good: plugins that are opened later have one again.
        let starting = host.open("starting").unwrap();
        plugin.lookup_fn::<fn()>("nap").unwrap().call();
        until(|| threads() == 2);
        starting.shutdown(LONG).unwrap();
        until(|| threads() == 0);
    });
}

#[test]
fn in_a_program_with_tokio_it_is_the_programs() {
    Child::of("runtime::in_a_program_with_tokio_it_is_the_programs").passes(|| {
        let tokio =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let plugin = tokio.block_on(async {
            let plugin = crate::linked().open("tasks").unwrap();
            let tasks = plugin.root::<dyn Tasks>().unwrap();
            assert!(tasks.sleep(5).await >= 5);
            assert_eq!(tasks.spawn(100).await, 4950);
            assert_eq!(tasks.over_tcp("over the wire".into()).await.unwrap(), "over the wire");
            plugin
        });
        assert_eq!(threads(), 0, "nobody needed another runtime");
        // The program's goes on when the plugin is shut down, with what the plugin spawned in it.
        let inside = tokio.enter();
        plugin.shutdown(LONG).unwrap();
        drop(inside);
        assert_eq!(tokio.block_on(async { tokio::spawn(async { 1 }).await }).unwrap(), 1);
        assert_eq!(counts(&plugin), (1, 0));
        drop(tokio);
        assert_eq!(counts(&plugin), (1, 1));
    });
}
