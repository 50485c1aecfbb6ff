//! What other hosts of the process do with the files and the generations of a reload.

use std::time::Duration;

use plugin_host::{OpenError, Reload, ReloadError, RootError};

use super::{goes_on, replace, stage};
use crate::fixture;

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
