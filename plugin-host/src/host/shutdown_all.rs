//! The end of everything that a host has open.

use std::time::Duration;

use super::Host;
use crate::root::ShutdownError;

impl Host {
    /// Shuts down every plugin that the host and its clones have open, the last one that was opened first: so whoever requires
    /// something ends before whoever provides it. Each has this time, as in [`Plugin::shutdown`](crate::Plugin::shutdown).
    /// Goes on after an error. Those that were shut down before are left out.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// for error in host.shutdown_all(std::time::Duration::from_secs(5)) {
    ///     eprintln!("{error}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Returns the error of each plugin that did not shut down, in that order; none if all did.
    #[must_use = "it says which plugins did not shut down"]
    pub fn shutdown_all(&self, within: Duration) -> Vec<ShutdownError> {
        let open = self.opened.in_order().into_iter().rev().filter(|plugin| !plugin.is_shut_down());
        open.filter_map(|plugin| plugin.shutdown(within).err()).collect()
    }
}
