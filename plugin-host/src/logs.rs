//! What plugins log reaches this program's logger and subscriber, at the levels that those want.
//!
//! Every function that a plugin is given for this is guarded: a logger or a subscriber that panics loses the record, and
//! the plugin goes on.

#[cfg(any(feature = "log", feature = "tracing"))]
mod connect;
#[cfg(any(feature = "log", feature = "tracing"))]
mod panics;
#[cfg(feature = "log")]
mod to_log;
#[cfg(feature = "tracing")]
mod to_tracing;

use plugin_core::RootModule;

/// Lets every loaded plugin ask for this program's log levels again: call it after `log::set_max_level`.
///
/// A level that was lowered holds at once, and costs the plugin what an enabled record costs until this is called. One
/// that was raised holds from this call on. Subscribers of `tracing` need no call: whatever rebuilds the interest of
/// this program's own call sites (a new subscriber, a reloaded filter) does so for those of plugins.
///
/// ```
/// # #[cfg(feature = "log")] {
/// log::set_max_level(log::LevelFilter::Debug);
/// plugin_host::refresh_log_levels();
/// # }
/// ```
pub fn refresh_log_levels() {
    #[cfg(any(feature = "log", feature = "tracing"))]
    connect::refresh();
}

/// Connects a plugin's logs before any other code of it runs; one that forwards none has nothing to connect.
#[cfg_attr(
    not(any(feature = "log", feature = "tracing")),
    expect(unused_variables, reason = "nothing takes the logs of plugins")
)]
pub(crate) fn connect(root: &RootModule, plugin: &'static str) {
    #[cfg(any(feature = "log", feature = "tracing"))]
    if let Some(connect) = root.connect_logs() {
        connect::connect(connect, plugin);
    }
}
