//! What other hosts of the process do with the files and the generations of a reload.

use std::{thread, time::Duration};

use plugin_host::{EventKind, OpenError, Reload, ReloadError, RootError, ShutdownError};
use reloads_api::Counter;

use super::{count, dropped, goes_on, replace, stage};
use crate::fixture;

/// The count would be gone without a word.
#[test]
fn a_file_that_another_host_started_without_the_state_is_refused() {
    let (stage, host, counter) = stage();
    let old = counter.plugin();
    counter.load().hit();
    replace(&stage, &fixture("reloads"));
    let other = stage.host();
    let fresh = other.open_slot::<dyn Counter>("reloads").unwrap();
    let refused = |how| {
        let error = host.reload_with(&old, how).unwrap_err();
        assert!(matches!(error, ReloadError::StartedElsewhere { .. }), "{error:?}");
        assert_eq!(host.events().into_iter().last().unwrap().kind, EventKind::Refused);
        goes_on(&host, &old, &counter);
    };
    refused(Reload::new());
    refused(Reload::new().holding_calls(Duration::from_secs(20)));

    // A later generation of that one has its state, and not ours.
    replace(&stage, &fixture("reloads"));
    assert_eq!(other.reload(&fresh.plugin()).unwrap().generation(), 2);
    refused(Reload::new());
    assert_eq!((count(&old, "SAVED"), fresh.load().hits()), (0, 0));

    // What the error advises.
    replace(&stage, &fixture("reloads"));
    let hits = counter.load().hits();
    let new = host.reload(&old).unwrap();
    assert_eq!((counter.load().hits(), counter.plugin() == new, count(&old, "STOPPED")), (hits, true, 1));
}

#[test]
fn a_file_that_another_host_opened_is_joined_on_request() {
    let (stage, host, counter) = stage();
    counter.load().hit();
    replace(&stage, &fixture("reloads"));
    let fresh = stage.host().open_slot::<dyn Counter>("reloads").unwrap();
    let new = host.reload_with(&counter.plugin(), Reload::new().losing_state()).unwrap();
    assert_eq!((new == fresh.plugin(), counter.load().hits()), (true, 0));
}

#[test]
fn a_state_that_went_through_several_generations_arrived() {
    let (stage, host, counter) = stage();
    let other = stage.host();
    let others = other.open_slot::<dyn Counter>("reloads").unwrap();
    counter.load().hit();
    for _ in 0..2 {
        replace(&stage, &fixture("reloads"));
        other.reload(&others.plugin()).unwrap();
    }
    assert_eq!(host.reload(&counter.plugin()).unwrap().generation(), 3);
    assert_eq!(counter.load().hits(), 1);
}

/// It fails after the host has got hold of the new generation.
#[test]
fn a_generation_that_another_host_has_shut_down_is_not_entered_here() {
    let (stage, host, counter) = stage();
    let old = counter.plugin();
    replace(&stage, &fixture("reloads"));
    stage.host().open("reloads").unwrap().shutdown(Duration::ZERO).unwrap();

    let error = host.reload_with(&old, Reload::new().losing_state()).unwrap_err();
    assert!(matches!(error, ReloadError::Open(OpenError::Root(RootError::ShutDown { .. }))), "{error:?}");
    goes_on(&host, &old, &counter);
    let error = host.open("reloads").unwrap_err();
    assert!(matches!(error, OpenError::NameTaken(_)), "{error:?}");

    replace(&stage, &fixture("reloads"));
    assert_eq!(host.reload(&old).unwrap(), counter.plugin());
}

#[test]
fn a_shutdown_that_gives_up_during_a_reload_leaves_a_generation_that_ends() {
    let (stage, host, counter) = stage();
    let old = counter.plugin();
    let guard = counter.load();
    replace(&stage, &fixture("reloads"));
    thread::scope(|scope| {
        let ending = scope.spawn(|| old.shutdown(Duration::from_secs(2)));
        while old.root::<dyn Counter>().is_ok() {
            thread::yield_now();
        }
        host.reload(&old).unwrap();
        let result = ending.join().unwrap();
        assert!(matches!(result, Err(ShutdownError::Held { .. })), "{result:?}");
    });
    assert_eq!((guard.hit(), count(&old, "STOPPED")), (1, 0));
    drop(guard);
    assert_eq!((count(&old, "STOPPED"), dropped(&old)), (1, 1));
}

/// The other host opens the generation while this one waits for its holders, and goes over to the next.
#[test]
fn a_host_that_has_gone_over_does_not_keep_a_generation_from_its_end() {
    let (stage, _host, counter) = stage();
    let old = counter.plugin();
    let guard = counter.load();
    let other = stage.host();
    let others = thread::scope(|scope| {
        let ending = scope.spawn(|| old.shutdown(Duration::from_secs(2)));
        while old.root::<dyn Counter>().is_ok() {
            thread::yield_now();
        }
        let others = other.open("reloads").unwrap();
        replace(&stage, &fixture("reloads"));
        other.reload(&others).unwrap();
        let result = ending.join().unwrap();
        assert!(matches!(result, Err(ShutdownError::Held { .. })), "{result:?}");
        others
    });
    // It is open in this host again.
    assert_eq!((old.root::<dyn Counter>().unwrap().hits(), &others), (0, &old));
    drop((guard, counter));
    old.shutdown(Duration::ZERO).unwrap();
    assert_eq!(count(&old, "STOPPED"), 1);
}
