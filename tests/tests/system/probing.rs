//! A helper loads each file first: what crashes or hangs there is an error here.

use std::{
    env, fs,
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    process::Command,
    sync::LazyLock,
    time::{Duration, Instant},
};

use integration::{Child, Ended, Stage, built_with, command_line};
use plugin_host::{DigestList, Host, OpenError, Probe, ProbeError};

use crate::fixture;

/// The helper, and a plugin with a constructor that does what `CONSTRUCTOR` says, and before that notes in the file `RUNS`
/// that it runs.
static BUILT: LazyLock<(PathBuf, PathBuf)> = LazyLock::new(|| {
    let directory = fixture("starting").with_file_name("constructing");
    fs::create_dir_all(&directory).unwrap();
    let (source, object) = (directory.join("constructing.c"), directory.join("constructing.o"));
    let text = r#"
        #include <fcntl.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        __attribute__((constructor)) static void run(void) {
            const char *runs = getenv("RUNS"), *what = getenv("CONSTRUCTOR");
            FILE *file = runs ? fopen(runs, "a") : 0;
            if (file) { fprintf(file, "run\n"); fclose(file); }
            if (!what) return;
            fprintf(stderr, "about to %s\n", what);
            if (!strcmp(what, "abort")) abort();
            if (!strcmp(what, "segfault")) *(volatile int *)0 = 1;
            if (!strcmp(what, "exit")) _exit(0);
            if (!strcmp(what, "hang")) for (;;) { if (!fork()) for (;;) pause(); pause(); }
        }
    "#;
    fs::write(&source, text).unwrap();
    let made = Command::new("cc").args(["-c", "-fPIC", "-o"]).args([&object, &source]).status().unwrap();
    assert!(made.success());
    (command_line(), built_with("constructing", &[object.to_str().unwrap()]))
});

/// Opens the plugin in a process of its own, under a host with a probe of `limit`, with a constructor that does `what`.
fn open(test: &'static str, what: &str, limit: Duration, judge: fn(Result<(), OpenError>)) -> Option<Ended> {
    let (helper, plugin) = if env::var_os("HELPER").is_none() { BUILT.clone() } else { Default::default() };
    let runs = tempfile::NamedTempFile::new().unwrap();
    let mut child = Child::of(test).env("HELPER", helper).env("PLUGIN", plugin).env("RUNS", runs.path());
    // A crash that is asked for is no finding, and ends the helper as it does elsewhere.
    child = child.sanitizer_options("handle_segv=0:handle_abort=0");
    if !what.is_empty() {
        child = child.env("CONSTRUCTOR", what);
    }
    let given = |name: &str| PathBuf::from(env::var_os(name).unwrap());
    let ended = child.passes(|| {
        let stage = Stage::with(&given("PLUGIN"));
        let host = stage.host().probing_with(Probe::new(given("HELPER")).arg("probe").within(limit));
        let start = Instant::now();
        let result = host.open("constructing").map(drop);
        assert!(start.elapsed() < limit + MINUTE, "{:?}", start.elapsed());
        judge(result);
    })?;
    let runs = fs::read_to_string(runs.path()).unwrap().lines().count();
    // Once in the helper; once more here if that came to an end.
    assert_eq!(runs, if what.is_empty() { 2 } else { 1 });
    Some(ended)
}

const MINUTE: Duration = Duration::from_secs(60);

/// Time enough for the helper to come to what hangs.
const PATIENCE: Duration = Duration::from_secs(3);

/// How the helper ended, and what it said.
fn ended(result: Result<(), OpenError>) -> (std::process::ExitStatus, String) {
    match result.unwrap_err() {
        OpenError::Probe(ProbeError::Ended { status, errors, path }) => {
            assert!(path.ends_with("libconstructing.so"));
            (status, errors)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plugin_that_loads_is_opened_and_its_constructors_have_run_twice() {
    const TEST: &str = "probing::a_plugin_that_loads_is_opened_and_its_constructors_have_run_twice";
    open(TEST, "", MINUTE, Result::unwrap);
}

#[test]
fn a_plugin_that_aborts_while_it_is_loaded_is_refused() {
    const TEST: &str = "probing::a_plugin_that_aborts_while_it_is_loaded_is_refused";
    open(TEST, "abort", MINUTE, |result| {
        let (status, errors) = ended(result);
        assert_eq!((status.signal(), &*errors), (Some(6), "about to abort\n"));
    });
}

#[test]
fn a_plugin_that_crashes_while_it_is_loaded_is_refused() {
    const TEST: &str = "probing::a_plugin_that_crashes_while_it_is_loaded_is_refused";
    open(TEST, "segfault", MINUTE, |result| {
        let (status, errors) = ended(result);
        assert_eq!((status.signal(), &*errors), (Some(11), "about to segfault\n"));
    });
}

#[test]
fn a_plugin_that_ends_the_process_while_it_is_loaded_is_refused() {
    const TEST: &str = "probing::a_plugin_that_ends_the_process_while_it_is_loaded_is_refused";
    open(TEST, "exit", MINUTE, |result| assert_eq!(ended(result).0.code(), Some(0)));
}

#[test]
fn a_plugin_that_hangs_while_it_is_loaded_is_refused_in_time() {
    const TEST: &str = "probing::a_plugin_that_hangs_while_it_is_loaded_is_refused_in_time";
    open(TEST, "hang", PATIENCE, |result| {
        let error = result.unwrap_err();
        let OpenError::Probe(ProbeError::TimedOut { limit, errors, .. }) = &error else {
            panic!("{error:?}")
        };
        assert_eq!((*limit, &**errors), (PATIENCE, "about to hang\n"));
        assert!(error.to_string().contains("still at it after 3s"), "{error}");
    });
}

#[test]
fn a_helper_that_does_not_load_anything_is_no_probe() {
    let stage = Stage::with(&fixture("starting"));
    let refused = |program: &str| {
        let host: Host = stage.host().probing_with(Probe::new(program));
        match host.open("starting").unwrap_err() {
            OpenError::Probe(error) => error,
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(refused("/no/such/helper"), ProbeError::NotStarted { .. }));
    assert!(matches!(refused("/bin/true"), ProbeError::Ended { status, .. } if status.success()));
}

/// What only the host may see is loaded from its open descriptor: a copy in memory has no path.
#[test]
fn a_plugin_under_a_digest_is_probed_as_the_copy_that_is_loaded() {
    let stage = Stage::with(&fixture("starting"));
    let sum = Command::new("sha256sum").arg(stage.path().join("libstarting.so")).output().unwrap();
    assert!(sum.status.success());
    let digest = String::from_utf8(sum.stdout).unwrap();
    let digest = digest.split_whitespace().next().unwrap();
    let list: DigestList = format!("SHA256 (libstarting.so) = {digest}\n").parse().unwrap();
    let probe = Probe::new(command_line()).arg("probe");
    // SAFETY: the tests built the file.
    let host = unsafe { Host::trusting_digests(list) }.searching(stage.path()).probing_with(probe);
    assert_eq!(host.open("starting").unwrap().name(), "starting");
}
