//! Where a panic happened: recorded by a panic hook, read by the guard that catches it.
//!
//! A panic is reported once, where it happens: to the host's log if that is connected and takes it, else by the hook
//! before this one, which prints it. Only a panicking thread touches the thread-local.

use core::{cell::Cell, fmt::Write};
use std::{
    backtrace::{Backtrace, BacktraceStatus},
    panic::{PanicHookInfo, set_hook, take_hook},
    sync::Once,
};

use crate::logs;

/// A panic, in the library where it happened: the fields are those of [`PluginPanic`](super::PluginPanic).
#[derive(Default)]
pub(crate) struct Origin {
    pub(super) texts: String,
    pub(super) message: usize,
    pub(super) file: usize,
    pub(super) line: u32,
    pub(super) column: u32,
}

thread_local! {
    static LAST: Cell<Option<Origin>> = const { Cell::new(None) };
}

/// Prepares a plugin: makes the panics of its library carry their origin.
///
/// A library that is loaded has a panic hook of its own, and its host calls this before anything else. One that is linked
/// into its host shares the host's hook, which is left alone: see [`record`].
pub(crate) extern "C" fn prepare(is_linked: bool) {
    if is_linked {
        return;
    }
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            let panic = Origin::here(info);
            if !logs::report_panic(&panic) {
                previous(info);
            }
            keep(info, panic);
        }));
    });
}

/// Remembers where a panic happened, for the guard that catches it on this thread: what a hook of this library calls
/// that is not the one above.
pub fn record(info: &PanicHookInfo<'_>) {
    keep(info, Origin::here(info));
}

fn keep(info: &PanicHookInfo<'_>, panic: Origin) {
    if info.payload_as_str().is_some() {
        // A thread whose locals are gone has nobody to tell: the origin is left out.
        let _ = LAST.try_with(|last| last.set(Some(panic)));
    }
}

/// The last panic of this thread, once, if that was the one with this message: a panic that was caught inside the
/// plugin, or raised past the hook by `resume_unwind`, is another one.
pub(super) fn take(message: &str) -> Option<Origin> {
    LAST.try_with(Cell::take).ok().flatten().filter(|last| last.message() == message)
}

impl Origin {
    /// Of nothing but a message, if that.
    pub(super) fn unknown(message: Option<&str>) -> Self {
        let texts = String::from(message.unwrap_or("a panic whose payload is not text"));
        Self { message: texts.len(), file: texts.len(), texts, ..Self::default() }
    }

    fn here(info: &PanicHookInfo<'_>) -> Self {
        let mut origin = Self::unknown(info.payload_as_str());
        if let Some(at) = info.location() {
            origin.texts.push_str(at.file());
            (origin.line, origin.column) = (at.line(), at.column());
        }
        origin.file = origin.texts.len();
        // Captures nothing unless `RUST_LIB_BACKTRACE` or `RUST_BACKTRACE` asks for it.
        let backtrace = Backtrace::capture();
        if let BacktraceStatus::Captured = backtrace.status() {
            // Writing into a `String` does not fail.
            let _ = write!(origin.texts, "{backtrace}");
        }
        origin
    }

    pub(crate) fn message(&self) -> &str {
        self.texts.get(..self.message).unwrap_or_default()
    }

    /// File, empty if unknown, line and column.
    pub(crate) fn location(&self) -> (&str, u32, u32) {
        (self.texts.get(self.message..self.file).unwrap_or_default(), self.line, self.column)
    }

    /// Empty if none was captured.
    pub(crate) fn backtrace(&self) -> &str {
        self.texts.get(self.file..).unwrap_or_default()
    }
}
