//! Reloading: a newer generation beside the old one, with its state, in one step for all who call through slots.

mod load;
mod other_hosts;

use std::{
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicU32, AtomicU64, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use integration::{Child, Stage, patch_text};
use plugin_host::{
    EventKind, Holder, Host, OpenError, Plugin, Reload, ReloadError, RootError, Slot, ToolchainPolicy,
};
use reloads_api::{Counter, Report};

use crate::{chain, fixture};

const FILE: &str = "libreloads.so";

/// Renames a new build over a file.
fn replace(stage: &Stage, build: &Path) {
    let new = stage.add_as(build, "new");
    fs::rename(new, stage.path().join(FILE)).unwrap();
}

/// The same, of a build under another name than the plugin has.
fn replace_by_namesake(stage: &Stage, package: &str) {
    let mut build = patch_text(&fs::read(fixture(package)).unwrap(), package, "reloads");
    if package == "reloads-other" {
        // A type is known by its crate, too.
        build = patch_text(&build, "reloads_other", "reloads");
    }
    fs::write(stage.path().join("new"), build).unwrap();
    fs::rename(stage.path().join("new"), stage.path().join(FILE)).unwrap();
}

fn count(plugin: &Plugin, of: &str) -> u32 {
    plugin.lookup::<AtomicU32>(of).unwrap().load(SeqCst)
}

fn held_by(plugin: &Plugin) -> Vec<String> {
    plugin.holders().iter().map(Holder::to_string).collect()
}

fn dropped(plugin: &Plugin) -> u32 {
    plugin.lookup_fn::<fn() -> u32>("dropped").unwrap().call()
}

fn stage() -> (Stage, Host, Slot<dyn Counter>) {
    let stage = Stage::with(&fixture("reloads"));
    let host = stage.host();
    let counter = host.open_slot::<dyn Counter>("reloads").unwrap();
    (stage, host, counter)
}

/// The old generation goes on as if nothing had been.
#[track_caller]
fn goes_on(host: &Host, old: &Plugin, counter: &Slot<dyn Counter>) {
    let before = counter.load().hits();
    assert_eq!(counter.load().hit(), before + 1);
    assert_eq!((counter.plugin() == *old, old.generation()), (true, 1));
    assert_eq!(count(old, "STOPPED"), 0);
    assert_eq!(host.slot::<dyn Report>(old).unwrap().load().report(), format!("{} hits", before + 1));
    assert_eq!(old.root::<dyn Counter>().unwrap().hits(), before + 1);
}

#[test]
fn a_new_build_takes_over_with_the_state() {
    let (stage, host, counter) = stage();
    let report = host.slot::<dyn Report>(&counter.plugin()).unwrap();
    counter.load().hit();
    counter.load().hit();
    let old = counter.plugin();
    replace(&stage, &fixture("reloads"));
    assert!(old.is_stale().is_some());

    let new = host.reload(&old).unwrap();
    assert_eq!((old.generation(), new.generation()), (1, 2));
    assert!(old != new && new.is_stale().is_none());
    assert_eq!(counter.plugin(), new);
    assert_eq!((counter.load().hit(), report.load().report()), (3, "3 hits".to_owned()));
    assert_eq!(new.lookup_fn::<fn() -> Vec<String>>("trail").unwrap().call(), ["saved 2"]);
    // Nobody used the old one any more.
    assert_eq!((count(&old, "STOPPED"), dropped(&old), count(&new, "STARTED")), (1, 1, 1));
    assert_eq!(host.open("reloads").unwrap(), new);

    // And once more, from a file that was never opened before.
    replace(&stage, &fixture("reloads"));
    let newest = host.reload(&new).unwrap();
    assert_eq!((newest.generation(), counter.load().hits()), (3, 3));
    assert_eq!(newest.lookup_fn::<fn() -> Vec<String>>("trail").unwrap().call(), ["saved 2", "saved 3"]);
    let kinds: Vec<_> = host.events().into_iter().map(|event| event.kind).collect();
    let count = |kind| kinds.iter().filter(|found| **found == kind).count();
    assert_eq!((count(EventKind::Reloaded), count(EventKind::Ended)), (2, 2));
}

#[test]
fn an_old_handle_gives_no_more_and_is_not_reloaded() {
    let (stage, host, counter) = stage();
    let old = counter.plugin();
    replace(&stage, &fixture("reloads"));
    host.reload(&old).unwrap();
    let error = old.root::<dyn Counter>().unwrap_err();
    assert!(matches!(error, RootError::Replaced { generation: 1, .. }), "{error:?}");
    assert!(matches!(host.slot::<dyn Counter>(&old), Err(OpenError::Root(RootError::Replaced { .. }))));
    let error = host.reload(&old).unwrap_err();
    assert!(matches!(error, ReloadError::NotCurrent { generation: 1, .. }), "{error:?}");
    // What is exported stays valid.
    assert_eq!(count(&old, "STARTED"), 1);

    let elsewhere = Stage::with(&fixture("reloads")).host();
    let error = elsewhere.reload(&counter.plugin()).unwrap_err();
    assert!(matches!(error, ReloadError::NotCurrent { generation: 2, .. }), "{error:?}");
}

#[test]
fn an_unchanged_file_is_told() {
    let (_stage, host, counter) = stage();
    let old = counter.plugin();
    let error = host.reload(&old).unwrap_err();
    assert!(matches!(error, ReloadError::Unchanged { .. }), "{error:?}");
    goes_on(&host, &old, &counter);
    assert_eq!(count(&old, "SAVED"), 0);
}

/// Its slots would be left behind by the reload after this one.
#[test]
fn a_file_that_is_open_side_by_side_is_no_new_generation() {
    let stage = Stage::with(&fixture("reloads"));
    let host = stage.host().side_by_side();
    let counter = host.open_slot::<dyn Counter>("reloads").unwrap();
    let beside = stage.add_as(&fixture("reloads"), "libbeside.so");
    let other = host.open_slot::<dyn Counter>(&beside).unwrap();
    let (old, namesake) = (counter.plugin(), other.plugin());
    assert_eq!((other.load().hit(), old == namesake), (1, false));

    fs::rename(&beside, stage.path().join(FILE)).unwrap();
    for how in [Reload::new(), Reload::new().losing_state()] {
        let error = host.reload_with(&old, how).unwrap_err();
        assert!(matches!(&error, ReloadError::OpenBeside { .. }), "{error:?}");
        let expected = format!(
            "plugin reloads 0.1.0 is not reloaded: expected a file that is not open in this host, found {} open side by \
             side as reloads 0.1.0; rename a copy of the file over it, or go on with what is open",
            stage.path().canonicalize().unwrap().join(FILE).display()
        );
        assert_eq!(error.to_string(), expected);
    }
    goes_on(&host, &old, &counter);
    assert_eq!((other.load().hits(), other.plugin() == namesake), (1, true));

    drop(other);
    namesake.shutdown(Duration::ZERO).unwrap();
    let error = host.reload_with(&old, Reload::new().losing_state()).unwrap_err();
    assert!(matches!(error, ReloadError::Open(OpenError::Root(RootError::ShutDown { .. }))), "{error:?}");

    replace(&stage, &fixture("reloads"));
    let new = host.reload(&old).unwrap();
    assert_eq!((counter.plugin() == new, counter.load().hits()), (true, 1));
}

/// Or what it saves would be saved after its end.
#[test]
fn a_plugin_is_not_shut_down_while_it_is_reloaded() {
    Child::of("reloading::a_plugin_is_not_shut_down_while_it_is_reloaded").passes(|| {
        let stage = Stage::with(&fixture("reloads"));
        let host = stage.host();
        let old = host.open("reloads").unwrap();
        old.root::<dyn Counter>().unwrap().hit();
        replace(&stage, &fixture("reloads"));
        stage.write("wait-in-init", "");
        let new = thread::scope(|scope| {
            let reload = scope.spawn(|| host.reload(&old));
            while held_by(&old).is_empty() {
                thread::yield_now();
            }
            let error = old.shutdown(Duration::ZERO).unwrap_err();
            assert!(error.to_string().contains("1 reload"), "{error}");
            fs::remove_file(stage.path().join("wait-in-init")).unwrap();
            reload.join().unwrap().unwrap()
        });
        assert_eq!((new.root::<dyn Counter>().unwrap().hits(), count(&old, "STOPPED")), (1, 1));

        new.shutdown(Duration::ZERO).unwrap();
        replace(&stage, &fixture("reloads"));
        let error = host.reload(&new).unwrap_err();
        assert!(matches!(error, ReloadError::NotCurrent { generation: 2, .. }), "{error:?}");
        assert_eq!(count(&new, "SAVED"), 0);
    });
}

#[test]
fn what_is_refused_is_not_executed_and_the_old_one_goes_on() {
    let (stage, host, counter) = stage();
    let old = counter.plugin();
    let refused = |what: &str, expected: &[&str]| {
        let error = host.reload(&old).unwrap_err();
        let text = chain(&error);
        assert!(expected.iter().all(|part| text.contains(part)), "{what}: {text}");
        goes_on(&host, &old, &counter);
        assert_eq!(count(&old, "SAVED"), 0, "{what}");
        error
    };

    fs::write(stage.path().join("new"), "no plugin").unwrap();
    fs::rename(stage.path().join("new"), stage.path().join(FILE)).unwrap();
    assert!(matches!(refused("no plugin", &[]), ReloadError::Open(OpenError::Inspect(_))));

    replace(&stage, &fixture("lifecycle"));
    let error = refused("another plugin", &["expected reloads, found lifecycle 0.1.0"]);
    assert!(matches!(error, ReloadError::AnotherPlugin { .. }));

    // It has no `Report`, to which a slot leads by now.
    replace_by_namesake(&stage, "reloads-bare");
    let error = refused("without an interface", &["expected reloads_api::Report 0.1.0"]);
    assert!(matches!(error, ReloadError::Open(OpenError::Refused(_))));

    fs::remove_file(stage.path().join(FILE)).unwrap();
    assert!(matches!(refused("no file", &[]), ReloadError::Open(OpenError::Inspect(_))));

    replace(&stage, &fixture("reloads"));
    host.reload(&old).unwrap();
}

#[test]
fn a_state_that_does_not_fit_is_refused_by_path() {
    let (stage, host, counter) = stage();
    let old = counter.plugin();
    counter.load().hit();

    replace_by_namesake(&stage, "reloads-other");
    let error = host.reload(&old).unwrap_err();
    assert!(matches!(error, ReloadError::State(_)), "{error:?}");
    assert!(error.to_string().contains("state → State.hits: expected u32"), "{error}");
    assert!(error.to_string().contains("help: "), "{error}");

    replace_by_namesake(&stage, "reloads-bare");
    let error = host.reload(&old).unwrap_err();
    assert!(matches!(error, ReloadError::StateLost { .. }), "{error:?}");
    assert_eq!((counter.plugin(), counter.load().hits(), count(&old, "SAVED")), (old.clone(), 1, 0));

    let new = host.reload_with(&old, Reload::new().losing_state()).unwrap();
    assert_eq!((counter.plugin(), counter.load().hits(), count(&old, "STOPPED")), (new.clone(), 0, 1));

    // What saves nothing starts afresh.
    replace(&stage, &fixture("reloads"));
    assert_eq!(host.reload(&new).unwrap().generation(), 3);
    assert_eq!(counter.load().hits(), 0);
}

#[test]
fn a_step_that_fails_leaves_the_old_one_and_can_be_repeated() {
    let (stage, host, counter) = stage();
    let old = counter.plugin();
    replace(&stage, &fixture("reloads"));
    for (asked, expected) in [
        ("fail-in-init", "plugin reloads 0.1.0 did not start: init was asked to fail"),
        ("panic-in-init", "plugin reloads 0.1.0 panicked in #[init]"),
        ("fail-in-save", "plugin reloads 0.1.0 did not save its state: save was asked to fail"),
        ("panic-in-save", "plugin reloads 0.1.0 panicked in #[save]"),
        ("fail-in-restore", "plugin reloads 0.1.0 did not restore the state: restore was asked to fail"),
        ("panic-in-restore", "plugin reloads 0.1.0 panicked in #[restore]"),
    ] {
        let reason = stage.write(asked, "");
        for how in [Reload::new(), Reload::new().holding_calls(Duration::from_secs(20))] {
            let error = host.reload_with(&old, how).unwrap_err();
            assert!(chain(&error).starts_with(expected), "{}", chain(&error));
            goes_on(&host, &old, &counter);
        }
        fs::remove_file(reason).unwrap();
    }
    let hits = counter.load().hits();
    let new = host.reload(&old).unwrap();
    assert_eq!((counter.load().hits(), new.generation(), count(&old, "STOPPED")), (hits, 2, 1));
    // What was started of the new one was stopped again, each time that it had come so far: twice after each of four failures.
    // Where `#[init]` itself failed, it stops nothing.
    assert_eq!((count(&new, "STARTED"), count(&new, "STOPPED"), dropped(&new)), (13, 8, 8));
    let failed = host.events().into_iter().filter(|event| event.kind == EventKind::Failed).count();
    assert_eq!(failed, 12);
}

#[test]
fn a_shutdown_that_fails_is_an_event() {
    let (stage, host, counter) = stage();
    replace(&stage, &fixture("reloads"));
    stage.write("fail-in-shutdown", "");
    host.reload(&counter.plugin()).unwrap();
    let ended: Vec<_> = host.events().into_iter().filter(|event| event.kind == EventKind::Ended).collect();
    assert_eq!(ended.len(), 1);
    assert!(ended[0].error.contains("shutdown was asked to fail"), "{}", ended[0]);
}

#[test]
fn the_old_one_ends_with_its_last_guard_in_that_thread() {
    let (stage, host, counter) = stage();
    let old = counter.plugin();
    let (guard, root) = (counter.load(), old.root::<dyn Counter>().unwrap());
    let clone = root.clone();
    replace(&stage, &fixture("reloads"));
    let new = host.reload(&old).unwrap();

    // They stay with the old one, and keep it from ending.
    assert_eq!((guard.hit(), root.hits(), counter.load().hits()), (1, 1, 0));
    let held = ["2 roots of `reloads_api::Counter`", "1 host's slots, or guards of them"];
    assert_eq!(held_by(&old), held);
    drop((root, clone));
    assert_eq!(held_by(&old), held[1..]);
    assert_eq!((count(&old, "STOPPED"), dropped(&old)), (0, 0));

    thread::scope(|scope| {
        scope.spawn(|| {
            drop(guard);
            // In this thread: when the guard is dropped, it is done.
            assert_eq!((count(&old, "STOPPED"), dropped(&old)), (1, 1));
        });
    });
    assert_eq!((old.holders(), count(&new, "STOPPED")), (Vec::new(), 0));
}

/// The last guard goes inside a call of the new generation, which is not in the way.
#[test]
fn the_old_one_may_end_inside_a_call() {
    let (stage, host, counter) = stage();
    let old = counter.plugin();
    let guard = Mutex::new(Some(counter.load()));
    replace(&stage, &fixture("reloads"));
    host.reload(&old).unwrap();
    counter.load().meanwhile(&|| {
        assert_eq!(count(&old, "STOPPED"), 0);
        drop(guard.lock().unwrap().take());
        assert_eq!(count(&old, "STOPPED"), 1);
    });
}

#[test]
fn a_call_that_runs_finishes_on_the_old_one() {
    let (stage, host, counter) = stage();
    let old = counter.plugin();
    replace(&stage, &fixture("reloads"));
    counter.load().meanwhile(&|| {
        let new = host.reload(&old).unwrap();
        assert_eq!(counter.plugin(), new);
        assert_eq!(count(&old, "STOPPED"), 0, "a call of it runs");
    });
    assert_eq!(count(&old, "STOPPED"), 1);
}

#[test]
fn calls_that_do_not_return_in_time_are_told() {
    let (stage, host, counter) = stage();
    let old = counter.plugin();
    replace(&stage, &fixture("reloads"));
    let guard = counter.load();
    let held = Reload::new().holding_calls(Duration::from_millis(1));
    let error = host.reload_with(&old, held).unwrap_err();
    assert!(matches!(error, ReloadError::Busy { .. }), "{error:?}");
    drop(guard);
    goes_on(&host, &old, &counter);
    host.reload_with(&old, Reload::new().holding_calls(Duration::from_secs(20))).unwrap();
    assert_eq!(count(&old, "STOPPED"), 1);
}

/// Whoever calls while calls are held back gets the new generation.
#[test]
fn calls_that_are_held_back_go_to_the_new_one() {
    let (stage, host, counter) = stage();
    let old = counter.plugin();
    replace(&stage, &fixture("reloads"));
    let (entered, enter) = mpsc::channel();
    let (leave, left) = mpsc::channel();
    let calls = AtomicU64::new(0);
    thread::scope(|scope| {
        // What fails here drops it, and the call ends.
        let leave = leave;
        let (counter, calls) = (&counter, &calls);
        scope.spawn(move || {
            let left = Mutex::new(left);
            counter.load().meanwhile(&|| {
                entered.send(()).unwrap();
                left.lock().unwrap().recv().unwrap();
            });
        });
        enter.recv().unwrap();
        let (host, old) = (&host, &old);
        let reloading = scope.spawn(move || {
            host.reload_with(old, Reload::new().holding_calls(Duration::from_secs(60))).unwrap()
        });
        // One call after another, until they are held back: the last is one of the new generation.
        let calling = scope.spawn(move || {
            loop {
                let guard = counter.load();
                guard.hit();
                calls.fetch_add(1, SeqCst);
                if guard.plugin().generation() == 2 {
                    break guard.hits();
                }
            }
        });
        let start = Instant::now();
        loop {
            let before = calls.load(SeqCst);
            thread::sleep(Duration::from_millis(100));
            if calls.load(SeqCst) == before {
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "no call is held back");
        }
        assert!(!calling.is_finished() && !reloading.is_finished());
        leave.send(()).unwrap();
        assert_eq!(reloading.join().unwrap().generation(), 2);
        assert_eq!(
            calling.join().unwrap(),
            calls.load(SeqCst),
            "every call was seen before the state was saved"
        );
    });
}

/// Each host goes over for itself; the state is handed over once.
#[test]
fn two_hosts_reload_on_their_own() {
    let (stage, host, counter) = stage();
    let other = stage.host().with_toolchain_policy(ToolchainPolicy::StableLayout);
    let others = other.open_slot::<dyn Counter>("reloads").unwrap();
    let old = counter.plugin();
    assert_eq!((others.plugin(), others.load().hit(), counter.load().hit()), (old.clone(), 1, 2));

    replace(&stage, &fixture("reloads"));
    let new = host.reload(&old).unwrap();
    assert_eq!((counter.load().hit(), others.load().hit()), (3, 3), "each has its own now");
    assert_eq!(count(&old, "STOPPED"), 0, "the other host has it open");

    let joined = other.reload(&others.plugin()).unwrap();
    assert!(joined == new && joined.generation() == 2);
    assert_eq!((others.load().hit(), counter.load().hits()), (4, 4));
    assert_eq!((count(&old, "STOPPED"), count(&old, "SAVED"), count(&new, "STARTED")), (1, 1, 1));
}

/// A slot of each kind, made before and after, leads to one generation at every moment.
#[test]
fn slots_end_with_their_last_handle() {
    let (stage, host, counter) = stage();
    let clone = counter.clone();
    drop(counter);
    replace(&stage, &fixture("reloads"));
    let new = host.reload(&clone.plugin()).unwrap();
    let report = host.slot::<dyn Report>(&new).unwrap();
    assert_eq!(held_by(&new), ["1 host's slots, or guards of them"], "one for all slots of a host");
    drop((clone, report));
    assert_eq!(new.holders(), []);
    // A host without slots reloads as well.
    replace(&stage, &fixture("reloads"));
    assert_eq!(host.reload(&new).unwrap().generation(), 3);
    assert_eq!(count(&new, "STOPPED"), 1);
}
