//! What other hosts of the process do with the files and the generations of a reload.

use std::time::Duration;

use plugin_host::{EventKind, OpenError, Reload, ReloadError, RootError};
use reloads_api::Counter;

use super::{count, goes_on, replace, stage};
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
