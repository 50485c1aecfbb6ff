//! Opens from `#[init]`: of others they work, also where threads and copies of plugin-host meet; a cycle is named in order.

use std::{
    fs,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use integration::{Child, Stage};
use plugin_core::abi::{RStr, RString};
use plugin_host::{CycleStep, Host, OpenError, Plugin};

use crate::fixture;

fn answers(plugin: &Plugin) -> Vec<String> {
    plugin.lookup_fn::<fn() -> Vec<String>>("answers").unwrap().call()
}

fn starts(plugin: &Plugin) -> u32 {
    plugin.lookup::<AtomicU32>("STARTED").unwrap().load(SeqCst)
}

/// The two openers, and what each opens.
fn openers(opener: &str, other: &str) -> Stage {
    let stage = Stage::with(&fixture("opener"));
    stage.add(&fixture("opener-other"));
    stage.write("libopener.so.opens", opener);
    stage.write("libopener_other.so.opens", other);
    stage
}

/// The text of a cycle through the openers, from this one on.
fn cycle_from(stage: &Stage, first: &str) -> String {
    let shown = |name: &str| {
        let file = stage.path().canonicalize().unwrap().join(format!("lib{}.so", name.replace('-', "_")));
        format!("{name} 0.1.0 ({})", file.display())
    };
    let second = if first == "opener" { "opener-other" } else { "opener" };
    format!(
        "{} opens {}, which opens {first} 0.1.0: a plugin cannot be opened while it starts; open it after `#[init]` and \
         the constructors",
        shown(first),
        shown(second)
    )
}

/// The host of a test's own process, for plugins that open through it.
static HOST: OnceLock<Host> = OnceLock::new();

extern "C" fn open_by_the_host(name: RStr<'_>) -> RString {
    match HOST.get().unwrap().open(name.as_str()) {
        Ok(plugin) => plugin.to_string().into(),
        Err(error) => error.to_string().into(),
    }
}

/// Lets plugins of the stage open by this host.
fn offer(stage: &Stage) -> &'static Host {
    stage.write("callback", (open_by_the_host as *const () as usize).to_string());
    HOST.get_or_init(|| stage.host())
}

/// A process of its own, whose time does not run while the fixtures are built.
fn child(name: &'static str) -> Child {
    fixture("opener");
    Child::of(name)
}

/// A generous limit for what must not wait for a time to pass.
fn within_a_second<T>(body: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = body();
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    result
}

#[test]
fn an_init_opens_another_plugin_and_not_itself() {
    let stage = openers("opener\nstarting\nopener-other", "starting");
    stage.add(&fixture("starting"));
    let plugin = within_a_second(|| stage.host().open("opener").unwrap());
    assert_eq!(starts(&plugin), 1);
    let answers = answers(&plugin);
    let path = stage.path().canonicalize().unwrap().join("libopener.so");
    assert_eq!(
        answers[0],
        format!(
            "opener 0.1.0 ({}) opens opener 0.1.0: a plugin cannot be opened while it starts; open it after `#[init]` \
             and the constructors",
            path.display()
        )
    );
    assert_eq!(answers[1..], ["starting 0.1.0", "opener-other 0.1.0"]);
    // They are started already, by the copy of plugin-host in the other plugin: `#[init]` does not run again.
    let starting = stage.host().open("starting").unwrap();
    let history = starting.lookup_fn::<fn() -> Vec<String>>("history").unwrap().call();
    assert_eq!(history.iter().filter(|step| *step == "init").count(), 1, "{history:?}");
    assert_eq!(starts(&stage.host().open("opener-other").unwrap()), 1);
}

#[test]
fn two_inits_that_open_each_other_in_one_thread_are_a_cycle() {
    let stage = openers("opener-other", "opener");
    let host = stage.host();
    let opener = within_a_second(|| host.open("opener").unwrap());
    assert_eq!(answers(&opener), ["opener-other 0.1.0"]);
    assert_eq!(answers(&host.open("opener-other").unwrap()), [cycle_from(&stage, "opener")]);
}

#[test]
fn two_inits_that_open_each_other_in_two_threads_are_a_cycle() {
    child("cycles::two_inits_that_open_each_other_in_two_threads_are_a_cycle").passes(|| {
        for _ in 0..10 {
            let stage = openers("meet:both\nopener-other", "meet:both\nopener");
            in_two_threads(&stage, &stage.host());
        }
    });
}

/// As above, but each opens through the program's host.
#[test]
fn two_inits_that_open_each_other_by_the_host_are_a_cycle() {
    child("cycles::two_inits_that_open_each_other_by_the_host_are_a_cycle").passes(|| {
        let stage = openers("meet:both\nhost:opener-other", "meet:both\nhost:opener");
        in_two_threads(&stage, offer(&stage));
    });
}

/// One opens through the program's host, the other one by itself: neither of the two knows of the other's wait.
#[test]
fn a_cycle_through_the_host_and_a_copy_of_it_is_named() {
    child("cycles::a_cycle_through_the_host_and_a_copy_of_it_is_named").passes(|| {
        let stage = openers("meet:both\nhost:opener-other", "meet:both\nopener");
        in_two_threads(&stage, offer(&stage));
    });
}

/// The same in one thread, in both orders.
#[test]
fn a_cycle_through_the_host_and_a_copy_of_it_is_named_in_one_thread() {
    const NAME: &str = "cycles::a_cycle_through_the_host_and_a_copy_of_it_is_named_in_one_thread";
    for first in ["opener", "opener-other"] {
        let child = child(NAME).env("FIRST", first).passes(|| {
            let first = std::env::var("FIRST").unwrap();
            let second = if first == "opener" { "opener-other" } else { "opener" };
            let stage = openers("host:opener-other", "opener");
            let host = offer(&stage);
            let plugin = within_a_second(|| host.open(&first).unwrap());
            assert_eq!(answers(&plugin), [format!("{second} 0.1.0")]);
            assert_eq!(answers(&host.open(second).unwrap()), [cycle_from(&stage, &first)]);
        });
        if child.is_none() {
            return;
        }
    }
}

/// The typed error, as the program that is part of the cycle gets it.
#[test]
fn a_cycle_is_an_error_with_each_of_its_steps() {
    child("cycles::a_cycle_is_an_error_with_each_of_its_steps").passes(|| {
        static STEPS: OnceLock<Vec<CycleStep>> = OnceLock::new();
        extern "C" fn open(name: RStr<'_>) -> RString {
            if let Err(OpenError::Cycle { cycle }) = HOST.get().unwrap().open(name.as_str()) {
                STEPS.set(cycle).unwrap();
            }
            RString::new()
        }
        let stage = openers("host:opener-other", "host:opener");
        let host = offer(&stage);
        stage.write("callback", (open as *const () as usize).to_string());
        host.open("opener").unwrap();
        let steps: Vec<_> = STEPS
            .get()
            .unwrap()
            .iter()
            .map(|CycleStep { plugin, path, .. }| (&**plugin, path.as_path()))
            .collect();
        let directory = stage.path().canonicalize().unwrap();
        let paths = [directory.join("libopener.so"), directory.join("libopener_other.so")];
        assert_eq!(steps, [("opener 0.1.0", &*paths[0]), ("opener-other 0.1.0", &*paths[1])]);
    });
}

/// Opens both openers at once. One of them is told the cycle, from whichever end it sees it, and the other one waits for it.
fn in_two_threads(stage: &Stage, host: &Host) {
    let [opener, other] = within_a_second(|| {
        std::thread::scope(|scope| {
            ["opener", "opener-other"]
                .map(|name| scope.spawn(move || host.open(name).unwrap()))
                .map(|thread| thread.join().unwrap())
        })
    });
    let (by_opener, by_other) = (answers(&opener), answers(&other));
    let told = [cycle_from(stage, "opener-other"), cycle_from(stage, "opener")];
    let works = ["opener-other 0.1.0", "opener 0.1.0"];
    assert!(
        (by_opener == [told[0].as_str()] && by_other == [works[1]])
            || (by_opener == [works[0]] && by_other == [told[1].as_str()]),
        "{by_opener:?} {by_other:?}"
    );
    assert_eq!((starts(&opener), starts(&other)), (1, 1));
}

/// Runs the body in fresh processes, four at a time. The stage is made once, and each process reads it.
fn a_hundred_times(name: &'static str, stage: impl FnOnce() -> Stage, body: fn(&Host)) {
    const STAGE: &str = "INTEGRATION_STAGE";
    if let Some(stage) = std::env::var_os(STAGE) {
        // SAFETY: the parent made the directory.
        let host = unsafe { Host::trusting_dir(stage) }.unwrap();
        Child::of(name).passes(|| body(&host));
        return;
    }
    let stage = stage();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    let child = Child::of(name).env(STAGE, stage.path());
                    child.passes(|| unreachable!("the child has a stage")).unwrap();
                }
            });
        }
    });
}

fn both_openers(host: &Host, answer: &str) {
    let plugins = std::thread::scope(|scope| {
        ["opener", "opener-other"]
            .map(|name| scope.spawn(move || host.open(name).unwrap()))
            .map(|thread| thread.join().unwrap())
    });
    for plugin in &plugins {
        assert_eq!((answers(plugin), starts(plugin)), (vec![answer.to_owned()], 1));
    }
}

#[test]
fn inits_at_once_that_open_one_slow_plugin_work() {
    let stage = || {
        let stage = openers("meet:both\nlifecycle", "meet:both\nlifecycle");
        stage.add(&fixture("lifecycle"));
        stage.write("slow", "20");
        stage
    };
    a_hundred_times("cycles::inits_at_once_that_open_one_slow_plugin_work", stage, |host| {
        both_openers(host, "lifecycle 0.1.0");
        assert_eq!(starts(&host.open("lifecycle").unwrap()), 1);
    });
}

#[test]
fn inits_at_once_that_need_one_slow_library_work() {
    let stage = || {
        let stage = Stage::new();
        let slow = stage.path().join("libslow.so");
        let code =
            "#include <unistd.h>\n__attribute__((constructor)) static void start(void) { usleep(20000); }";
        let mut compiler = std::process::Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o"]).args([&slow, &stage.write("slow.c", code)]);
        assert!(compiler.status().unwrap().success());
        for (opener, opens) in
            [("opener", "libopener.so.opens"), ("opener-other", "libopener_other.so.opens")]
        {
            stage.add(&fixture(opener));
            stage.write(opens, format!("meet:both\nlibrary:{}", slow.display()));
        }
        stage
    };
    a_hundred_times("cycles::inits_at_once_that_need_one_slow_library_work", stage, |host| {
        both_openers(host, "loaded");
    });
}

/// A plugin that failed to start, or was refused, by an init: the others are unaffected.
#[test]
fn an_init_that_opens_a_broken_plugin_gets_its_error() {
    let stage = openers("lifecycle\nlifecycle\nopener-other\nlifecycle", "starting");
    stage.add(&fixture("starting"));
    stage.add(&fixture("lifecycle"));
    let broken = stage.write("fail-in-init", "");
    let host = stage.host();
    let opener = host.open("opener").unwrap();
    let failed = "plugin lifecycle 0.1.0 did not start: init was asked to fail";
    assert_eq!(answers(&opener), [failed, failed, "opener-other 0.1.0", failed]);
    assert!(matches!(host.open("lifecycle"), Err(OpenError::Init { .. })));
    fs::remove_file(broken).unwrap();
    assert_eq!(starts(&host.open("lifecycle").unwrap()), 5);
}
