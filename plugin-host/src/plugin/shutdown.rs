//! The end of a plugin, in one host and in the process.

use std::time::{Duration, Instant};

use plugin_core::__private::{Fallible, RResult};

use super::Plugin;
use crate::{
    holders::{Holder, HolderKind, Waiting, is_linked, left_until, threads},
    host::{Event, EventKind},
    linked,
    loaded::Release,
    root::ShutdownError,
};

/// The name of the threads of a plugin's tokio runtime.
const RUNTIME: &str = "plugin-tokio";

impl Plugin {
    /// Takes the plugin from this host, and stops it if no other host has it open: within this time, or it says who keeps it
    /// from that.
    ///
    /// 1. From now on the plugin gives no more objects.
    /// 2. This waits until nobody [holds](Self::holders) anything of the plugin. If somebody still does when the time is up,
    ///    that is [`ShutdownError::Held`]: nothing was stopped, and the plugin is as usable as before;
    ///    unless the host has [gone over](crate::Host::reload) to a newer generation meanwhile: then this one ends once nobody
    ///    holds anything of it.
    /// 3. The plugin's registered threads are told to stop, `#[shutdown]` runs, and the plugin's tokio runtime is stopped:
    ///    tasks that it spawned are cancelled. There is no way back from here.
    /// 4. This waits for the plugin's threads. If some still run when the time is up, that is
    ///    [`ShutdownError::ThreadsRun`], and a later shutdown waits for them again.
    ///
    /// The time does not bound `#[shutdown]` itself: one that waits for something waits as long as it takes.
    /// With [`Duration::ZERO`] nothing is waited for. Nothing is freed under anybody and nothing is unmapped, so no call
    /// crashes afterwards, whatever the result.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// use plugin_host::ShutdownError;
    ///
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let plugin = host.open("lz4")?;
    /// match plugin.shutdown(Duration::from_secs(5)) {
    ///     Err(ShutdownError::Held { holders, .. }) => {
    ///         for holder in holders {
    ///             eprintln!("still there: {holder}"); // still there: 2 objects of `codec_api::Codec`
    ///         }
    ///     }
    ///     other => other?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// While other hosts have the plugin open, this only takes it from this one, at once: its handles give no more objects,
    /// and nothing else changes. So it is if another host opens it while this one waits for holders. The last host that shuts
    /// the plugin down waits for the holders of all of them. A host has a
    /// plugin open as long as it has not shut it down and it or any of the handles that it gave out exists.
    ///
    /// Exported functions and statics that were looked up are not counted, and go on working after the end. What they give out is not counted
    /// against the time in which they did it: a host that calls them while it shuts the plugin down gets what they return.
    ///
    /// Of a plugin that is [linked](crate::link) into its host, only `Root`s are waited for, and threads are left alone, since
    /// those are the whole program's: see [`holders`](Self::holders). Linked plugins share one runtime, which stops with the
    /// last of them.
    ///
    /// # Errors
    ///
    /// Besides [`Held`](ShutdownError::Held) and [`ThreadsRun`](ShutdownError::ThreadsRun), what `#[shutdown]` reports, else
    /// that the runtime cannot be stopped: the plugin is stopped all the same. [`ShutdownError::UnderWay`] if it is being
    /// shut down, perhaps by a caller of this very function: a plugin's own `#[shutdown]` may call its host. And
    /// [`ShutdownError::Twice`] if this host shut it down before.
    pub fn shutdown(&self, within: Duration) -> Result<(), ShutdownError> {
        let start = Instant::now();
        let result = self.end(within);
        let event = |kind| Event::new(kind, &self.to_string(), self.path(), start.elapsed());
        match &result {
            Ok(()) => self.0.record(event(EventKind::ShutDown)),
            Err(ShutdownError::Twice { .. } | ShutdownError::UnderWay { .. }) => {}
            Err(error) => self.0.record(event(EventKind::Failed).because(error)),
        }
        result
    }

    fn end(&self, within: Duration) -> Result<(), ShutdownError> {
        let deadline = Instant::now().checked_add(within);
        let loaded = self.loaded();
        let plugin = || self.to_string();
        match loaded.release(self.0) {
            Release::Elsewhere => Ok(()),
            Release::Twice => Err(ShutdownError::Twice { plugin: plugin() }),
            Release::UnderWay => Err(ShutdownError::UnderWay { plugin: plugin() }),
            Release::Again => self.wait_for_threads(deadline, Ok(()), self.runtime_threads(deadline)),
            Release::Last => {
                let is_ours = loop {
                    let holders = loaded.wait_until_free(deadline);
                    if !holders.is_empty() {
                        if !loaded.reopen(self.0) {
                            self.retire_closed(self.0.events());
                        }
                        return Err(ShutdownError::Held { plugin: plugin(), holders });
                    }
                    if let Some(is_ours) = loaded.commit(self.0) {
                        break is_ours;
                    }
                };
                if !is_ours {
                    return Ok(());
                }
                let stopped = self.stop();
                self.wait_for_threads(deadline, stopped, self.end_runtime(deadline))
            }
        }
    }

    /// Tells the plugin and its threads to stop, and runs its `#[shutdown]`.
    pub(super) fn stop(&self) -> Result<(), ShutdownError> {
        let loaded = self.loaded();
        if !is_linked(loaded.root) {
            loaded.root.ledger().stop(true);
        }
        match loaded.root.shutdown() {
            // SAFETY: the root module's own function, which takes the context.
            Some(shutdown) => self.result(unsafe { shutdown(loaded.context) }),
            None => Ok(()),
        }
    }

    /// Stops the runtime, which does not outlive the plugin whatever that says; one that linked plugins share, with the last
    /// of them. Returns how many of its threads run on.
    pub(super) fn end_runtime(&self, deadline: Option<Instant>) -> Result<usize, ShutdownError> {
        let stop = |for_good| self.result(self.loaded().root.stop_runtime(for_good, left_until(deadline)));
        if self.is_linked() { linked::release(|| stop(false)).unwrap_or(Ok(0)) } else { stop(true) }
    }

    /// Waits for the runtime's threads again. Those of linked plugins may be another's by now.
    fn runtime_threads(&self, deadline: Option<Instant>) -> Result<usize, ShutdownError> {
        if self.is_linked() { Ok(0) } else { self.end_runtime(deadline) }
    }

    pub(super) fn wait_for_threads(
        &self,
        deadline: Option<Instant>,
        so_far: Result<(), ShutdownError>,
        runtime: Result<usize, ShutdownError>,
    ) -> Result<(), ShutdownError> {
        let loaded = self.loaded();
        let mut running = Waiting::new(loaded.root).until_empty(deadline, || threads(loaded.root));
        if let Ok(count @ 1..) = runtime {
            running.push(Holder { kind: HolderKind::Thread { name: RUNTIME.to_owned() }, count });
        }
        loaded.finish(running.is_empty());
        so_far?;
        runtime?;
        if running.is_empty() {
            return Ok(());
        }
        Err(ShutdownError::ThreadsRun { plugin: self.to_string(), threads: running })
    }

    fn result<T>(&self, outcome: Fallible<T>) -> Result<T, ShutdownError> {
        let plugin = || self.to_string();
        match outcome.into_result() {
            Ok(RResult::ROk(value)) => Ok(value),
            Ok(RResult::RErr(message)) => {
                Err(ShutdownError::Failed { plugin: plugin(), message: message.into() })
            }
            Err(source) => Err(ShutdownError::Panicked { plugin: plugin(), source }),
        }
    }
}
