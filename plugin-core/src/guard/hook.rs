//! Where a panic happened: recorded by a panic hook, read by the guard that catches it.
//!
//! The hook chains to the one before it, so a panic is printed as ever: once, by the library that panicked. Only a
//! panicking thread touches the thread-local.

use std::{
    cell::Cell,
    panic::{set_hook, take_hook},
    sync::Once,
};

/// Source file, line and column.
type Location = (String, u32, u32);

thread_local! {
    static LAST: Cell<Option<(String, Location)>> = const { Cell::new(None) };
}

/// Makes this library's panics carry their location. A dynamically loaded plugin has a panic hook of its own, and its
/// host calls this before anything else.
pub(crate) extern "C" fn record_panics() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |panic| {
            if let (Some(at), Some(text)) = (panic.location(), panic.payload_as_str()) {
                // A thread whose locals are gone has nobody to tell: the location is left out.
                let _ = LAST.try_with(|last| {
                    last.set(Some((text.into(), (at.file().into(), at.line(), at.column()))))
                });
            }
            previous(panic);
        }));
    });
}

/// The location of the last panic of this thread, once, if that was the one with this message: a panic that was caught
/// inside the plugin, or raised past the hook by `resume_unwind`, is another one.
pub(super) fn take_location(message: &str) -> Location {
    let last = LAST.try_with(Cell::take).ok().flatten();
    last.filter(|(text, _)| text == message).map(|(_, location)| location).unwrap_or_default()
}
