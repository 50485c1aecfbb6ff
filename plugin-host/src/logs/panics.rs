//! A panic in a plugin, as an error in this program's log.

use std::thread;

use plugin_core::logs::{PanicRecord, guarded};

/// To the subscriber if it wants errors of this kind, else to the logger; `false` if neither does.
pub(super) extern "C" fn report(panic: &PanicRecord<'_>) -> bool {
    #[cfg(feature = "tracing")]
    if guarded(false, || super::to_tracing::panic_event(panic)) {
        return true;
    }
    #[cfg(feature = "log")]
    if guarded(false, || super::to_log::panic_record(panic)) {
        return true;
    }
    false
}

/// `src/lib.rs:7:9`
pub(super) fn location(panic: &PanicRecord<'_>) -> Option<String> {
    let file = panic.file.as_str();
    (!file.is_empty()).then(|| format!("{file}:{}:{}", panic.line, panic.column))
}

/// The name of the thread: of one that the plugin spawned, only the plugin knows it, and of others, this program.
pub(super) fn thread_name(panic: &PanicRecord<'_>) -> Option<String> {
    let of_plugin = panic.thread.as_str();
    if of_plugin.is_empty() {
        thread::current().name().map(str::to_owned)
    } else {
        Some(of_plugin.to_owned())
    }
}
