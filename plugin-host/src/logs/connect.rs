//! The plugins that are connected.

use std::sync::{Mutex, PoisonError};

use plugin_core::logs::{ConnectLogsFn, LogSink, LogTable, TraceTable};

use super::panics;

/// One function for each connected plugin, to make it ask for levels.
static REFRESH: Mutex<Vec<extern "C" fn()>> = Mutex::new(Vec::new());

#[cfg(feature = "log")]
const LOG: Option<&LogTable> = Some(&super::to_log::TABLE);
#[cfg(not(feature = "log"))]
const LOG: Option<&LogTable> = None;

#[cfg(feature = "tracing")]
const TRACING: Option<&TraceTable> = Some(&super::to_tracing::TABLE);
#[cfg(not(feature = "tracing"))]
const TRACING: Option<&TraceTable> = None;

pub(super) fn connect(connect: ConnectLogsFn, plugin: &'static str) {
    // Leaked once for a plugin, as the plugin is.
    let sink: &'static LogSink = Box::leak(Box::new(LogSink::new(plugin, panics::report, LOG, TRACING)));
    let connection = connect(sink);
    if connection.is_taken {
        REFRESH.lock().unwrap_or_else(PoisonError::into_inner).push(connection.refresh);
    }
}

pub(super) fn refresh() {
    // Not while the lock is held: the plugin asks this program's subscribers, which may open plugins.
    let plugins = REFRESH.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for refresh in plugins {
        refresh();
    }
}
