//! The panic hook of a program with linked plugins is the program's.

use std::{
    panic::{set_hook, take_hook},
    sync::atomic::{AtomicU32, Ordering::SeqCst},
};

use integration::{Child, Ended};
use plugin_core::PluginPanic;

fn explode() -> PluginPanic {
    let plugin = crate::linked().open("lifecycle").unwrap();
    plugin.lookup_fn::<fn(&'static str) -> u32>("explode").unwrap().try_call("boom").unwrap_err()
}

#[test]
fn the_hook_stays_and_is_called_once() {
    let test = "panics::the_hook_stays_and_is_called_once";
    let ended = Child::of(test).passes(|| {
        static CALLS: AtomicU32 = AtomicU32::new(0);
        let previous = take_hook();
        set_hook(Box::new(|_| _ = CALLS.fetch_add(1, SeqCst)));
        let panic = explode();
        assert_eq!((panic.message(), panic.location(), CALLS.load(SeqCst)), ("boom", None, 1));
        set_hook(previous);
        explode();
        assert_eq!(CALLS.load(SeqCst), 1);
    });
    let Some(Ended { errors, .. }) = ended else { return };
    // Where it happened, the program's hook says, once.
    assert_eq!(errors.matches("lifecycle/src/lib.rs:").count(), 1, "{errors}");
    assert_eq!(errors.matches("boom").count(), 1, "{errors}");
}

#[test]
fn a_hook_that_records_gives_panics_their_location() {
    Child::of("panics::a_hook_that_records_gives_panics_their_location").passes(|| {
        set_hook(Box::new(plugin_host::record_panic));
        let panic = explode();
        let (file, line, _) = panic.location().unwrap();
        assert!(file.ends_with("lifecycle/src/lib.rs") && line > 0, "{file}:{line}");
    });
}
