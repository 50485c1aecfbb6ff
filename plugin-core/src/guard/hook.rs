//! Where a panic happened: recorded by a panic hook, read by the guard that catches it.
//!
//! The hook chains to the one before it, so a panic is printed as ever: once, by the library that panicked. Only a
//! panicking thread touches the thread-local.

use std::{
    cell::Cell,
    panic::{set_hook, take_hook},
    sync::Once,
};

type Location = (String, u32, u32);

thread_local! {
    static LAST: Cell<Option<Location>> = const { Cell::new(None) };
}

/// Makes this library's panics carry their location. A dynamically loaded plugin has a panic hook of its own, and its
/// host calls this once, before anything else; a statically linked plugin leaves its host's hook alone.
pub(crate) extern "C" fn record_panics() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |panic| {
            if let Some(at) = panic.location() {
                // A thread whose locals are gone has nobody to tell: the location is left out.
                let _ = LAST.try_with(|last| last.set(Some((at.file().into(), at.line(), at.column()))));
            }
            previous(panic);
        }));
    });
}

/// The location of the last panic of this thread, once.
pub(super) fn take_location() -> Location {
    LAST.try_with(Cell::take).ok().flatten().unwrap_or_default()
}
