//! A thousand generations while eight threads call.

use std::{
    fs,
    path::Path,
    process::Command,
    sync::atomic::{
        AtomicBool, AtomicU64,
        Ordering::{Relaxed, SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use integration::{Child, Stage, skip};
use plugin_host::{Plugin, Reload, ReloadError};
use reloads_api::Counter;

use super::{FILE, count};
use crate::fixture;

const GENERATIONS: u64 = 1000;
const THREADS: usize = 8;

/// Generous: the libraries are the debug build's.
const PER_GENERATION: usize = 2 << 20;

/// A library without what a thousand copies of it would fill a disk with.
fn stripped(stage: &Stage) {
    let library = stage.add_as(&fixture("reloads"), FILE);
    let strip = Command::new("strip").arg("--strip-all").arg(&library).status();
    assert!(strip.is_ok_and(|status| status.success()), "binutils are there: the linker needs them");
}

/// Bytes of memory that this process has in RAM, how many mappings it has, and how many files it has open.
fn used() -> (usize, usize, usize) {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kilobytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    let mappings = fs::read_to_string("/proc/self/maps").unwrap().lines().count();
    (kilobytes << 10, mappings, fs::read_dir("/proc/self/fd").unwrap().count())
}

fn copy_over(from: &Path, to: &Path) {
    let new = to.with_extension("new");
    fs::copy(from, &new).unwrap();
    fs::rename(new, to).unwrap();
}

#[test]
fn no_call_is_lost_in_a_thousand_generations() {
    let test = "reloading::load::no_call_is_lost_in_a_thousand_generations";
    let Some(ended) = Child::of(test).within(Duration::from_secs(300)).passes(body) else { return };
    let report = ended.output.lines().find(|line| line.contains("per generation")).unwrap();
    println!("{report}");
}

fn body() {
    let stage = Stage::new();
    stripped(&stage);
    let host = stage.host();
    let counter = host.open_slot::<dyn Counter>("reloads").unwrap();
    let file = stage.path().join(FILE);
    let original = stage.path().join("original");
    fs::copy(&file, &original).unwrap();

    let (calls, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let mut old: Vec<Plugin> = Vec::new();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while !over.load(Relaxed) {
                    assert!(counter.load().hit() > 0);
                    calls.fetch_add(1, SeqCst);
                }
            });
        }
        let (memory, mappings, files) = used();
        let start = Instant::now();
        for generation in 2..=GENERATIONS + 1 {
            copy_over(&original, &file);
            let plugin = counter.plugin();
            let how = Reload::new().holding_calls(Duration::from_secs(60));
            let new = match host.reload_with(&plugin, how) {
                Ok(new) => new,
                Err(error) => {
                    over.store(true, Relaxed);
                    panic!("generation {generation}: {error}");
                }
            };
            assert_eq!(u64::from(new.generation()), generation);
            old.push(plugin);
        }
        let took = start.elapsed();
        over.store(true, Relaxed);
        let (memory_after, mappings_after, files_after) = used();
        let each = memory_after.saturating_sub(memory) / GENERATIONS as usize;
        let maps = (mappings_after - mappings) as f64 / GENERATIONS as f64;
        println!(
            "{} kB and {maps:.1} mappings per generation, {:.2} ms each; {} calls meanwhile",
            each >> 10,
            took.as_secs_f64() * 1e3 / GENERATIONS as f64,
            calls.load(SeqCst),
        );
        assert!(each < PER_GENERATION, "{each} bytes per generation");
        assert!(maps < 12.0, "{maps} mappings per generation");
        assert!(files_after <= files + 2, "{files} open files became {files_after}");
    });
    // Every call was counted, by one generation or another, and the count was handed on each time.
    assert_eq!(counter.load().hits(), calls.load(SeqCst));
    assert!(old.iter().all(|plugin| count(plugin, "STOPPED") == 1), "each old one was ended once");
    assert_eq!(count(&counter.plugin(), "STOPPED"), 0);
}

/// Nobody waits for anybody: calls go on all the while, on one generation or another.
#[test]
fn calls_go_on_while_generations_change() {
    Child::of("reloading::load::calls_go_on_while_generations_change")
        .within(Duration::from_secs(120))
        .passes(|| {
            let stage = Stage::new();
            stripped(&stage);
            let host = stage.host();
            let counter = host.open_slot::<dyn Counter>("reloads").unwrap();
            let file = stage.path().join(FILE);
            let original = stage.path().join("original");
            fs::copy(&file, &original).unwrap();
            let over = AtomicBool::new(false);
            let mut old = Vec::new();
            thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| {
                        let mut newest = 0;
                        while !over.load(Relaxed) {
                            let guard = counter.load();
                            guard.hit();
                            let generation = guard.plugin().generation();
                            assert!(generation >= newest, "a thread never goes back");
                            newest = generation;
                        }
                    });
                }
                for _ in 0..50 {
                    copy_over(&original, &file);
                    old.push(counter.plugin());
                    host.reload(&counter.plugin()).unwrap();
                }
                over.store(true, Relaxed);
            });
            assert!(old.iter().all(|plugin| count(plugin, "STOPPED") == 1));
        });
}

/// The system's limit on mappings is met here by one on the address space, which a test may lower.
#[test]
fn where_the_system_maps_no_more_the_old_generation_goes_on() {
    let test = "reloading::load::where_the_system_maps_no_more_the_old_generation_goes_on";
    Child::of(test).passes(|| {
        let stage = Stage::new();
        stripped(&stage);
        let host = stage.host();
        let counter = host.open_slot::<dyn Counter>("reloads").unwrap();
        let file = stage.path().join(FILE);
        let original = stage.path().join("original");
        fs::copy(&file, &original).unwrap();
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmSize:")).unwrap();
        let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        let limit = ((kilobytes << 10) + (16 << 20)).to_string();
        let lowered = Command::new("prlimit")
            .args(["--pid", &std::process::id().to_string(), &format!("--as={limit}:unlimited")])
            .status();
        if !lowered.is_ok_and(|status| status.success()) {
            skip("there is no prlimit");
            return;
        }
        let mut generations = 1;
        let error = loop {
            copy_over(&original, &file);
            match host.reload(&counter.plugin()) {
                Ok(_) => generations += 1,
                Err(error) => break error,
            }
            assert!(generations < 1000, "the limit is not met");
        };
        assert!(matches!(&error, ReloadError::Open(plugin_host::OpenError::Load(_))), "{error:?}");
        println!("{error}");
        assert_eq!(counter.load().hit(), 1);
        assert_eq!(counter.plugin().generation(), generations);
    });
}
