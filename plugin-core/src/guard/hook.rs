//! Where a panic happened: recorded by a panic hook, read by the guard that catches it.
//!
//! A panic is reported once, where it happens: to the host's log if that is connected and takes it, else by the hook
//! before this one, which prints it. Only a panicking thread touches the thread-local.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    cell::Cell,
    panic::{PanicHookInfo, set_hook, take_hook},
    sync::Once,
};

use crate::logs;

/// What only the hook knows of a panic.
#[derive(Default)]
pub(super) struct Origin {
    /// Source file; empty if unknown.
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: u32,
    /// Empty if none was captured.
    pub(super) backtrace: String,
}

thread_local! {
    static LAST: Cell<Option<(String, Origin)>> = const { Cell::new(None) };
}

/// Makes this library's panics carry their origin. A dynamically loaded plugin has a panic hook of its own, and its
/// host calls this before anything else.
pub(crate) extern "C" fn record_panics() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |panic| {
            let origin = Origin::of(panic);
            if !logs::report_panic(panic.payload_as_str(), origin.at(), &origin.backtrace) {
                previous(panic);
            }
            if let Some(text) = panic.payload_as_str() {
                // A thread whose locals are gone has nobody to tell: the origin is left out.
                let _ = LAST.try_with(|last| last.set(Some((text.into(), origin))));
            }
        }));
    });
}

/// The origin of the last panic of this thread, once, if that was the one with this message: a panic that was caught
/// inside the plugin, or raised past the hook by `resume_unwind`, is another one.
pub(super) fn take_origin(message: &str) -> Origin {
    let last = LAST.try_with(Cell::take).ok().flatten();
    last.filter(|(text, _)| text == message).map(|(_, origin)| origin).unwrap_or_default()
}

impl Origin {
    fn at(&self) -> (&str, u32, u32) {
        (&self.file, self.line, self.column)
    }

    fn of(panic: &PanicHookInfo<'_>) -> Self {
        // Captures nothing unless `RUST_LIB_BACKTRACE` or `RUST_BACKTRACE` asks for it.
        let backtrace = Backtrace::capture();
        let backtrace = match backtrace.status() {
            BacktraceStatus::Captured => backtrace.to_string(),
            _ => String::new(),
        };
        match panic.location() {
            Some(at) => Self { file: at.file().into(), line: at.line(), column: at.column(), backtrace },
            None => Self { backtrace, ..Self::default() },
        }
    }
}
