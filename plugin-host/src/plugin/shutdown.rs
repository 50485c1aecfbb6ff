//! The end of a plugin, in one host and in the process.

use plugin_core::__private::{Fallible, RResult};

use super::Plugin;
use crate::root::ShutdownError;

impl Plugin {
    /// Takes the plugin from this host: its handles give no more objects. Objects that it has given out still work as far as
    /// the plugin lets them.
    ///
    /// Once no host has the plugin open any more, this runs the plugin's `#[shutdown]`, once; it does not run by itself. Then
    /// it stops the plugin's tokio runtime, if it has one: tasks that it spawned are cancelled, and this waits, for five
    /// seconds at most, until its threads have ended. Other hosts that have it open go on as before, and the last one of them
    /// that shuts it down ends it. A host has a plugin open as long as it has not shut it down and it or any of the handles
    /// that it gave out exists.
    ///
    /// # Errors
    ///
    /// What `#[shutdown]` reports, else that the runtime does not stop; or [`ShutdownError::Twice`] if this host shut it
    /// down before.
    pub fn shutdown(&self) -> Result<(), ShutdownError> {
        let plugin = || self.to_string();
        match self.loaded().release(self.0) {
            None => return Err(ShutdownError::Twice { plugin: plugin() }),
            Some(false) => return Ok(()),
            Some(true) => {}
        }
        fn result<T>(plugin: &Plugin, outcome: Fallible<T>) -> Result<T, ShutdownError> {
            let plugin = plugin.to_string();
            match outcome.into_result() {
                Ok(RResult::ROk(value)) => Ok(value),
                Ok(RResult::RErr(message)) => Err(ShutdownError::Failed { plugin, message: message.into() }),
                Err(source) => Err(ShutdownError::Panicked { plugin, source }),
            }
        }
        let root = self.loaded().root;
        if let Some(threads) = root.ledger().threads() {
            threads.stop(true);
        }
        // SAFETY: the root module's own function, which takes the context.
        let shut_down = root
            .shutdown()
            .map_or(Ok(()), |shutdown| result(self, unsafe { shutdown(self.loaded().context) }));
        // The runtime does not outlive the plugin, whatever the plugin says.
        let stopped = result(self, root.stop_runtime(true, core::time::Duration::from_secs(5)));
        shut_down.and(match stopped? {
            0 => Ok(()),
            left => Err(ShutdownError::Failed {
                plugin: plugin(),
                message: format!("{left} threads of the plugin's tokio runtime still run after 5 s"),
            }),
        })
    }
}
