//! Reloading: a newer generation of a plugin beside the old one, with its state, in one step for all who call through slots.

mod error;
mod state;

use std::{
    cell::Cell,
    sync::Arc,
    time::{Duration, Instant},
};

pub use error::ReloadError;
use plugin_core::{
    RootModule,
    compat::{self, Handover},
    descriptor::Head,
};

use super::{Event, EventKind, Host, Namesake};
use crate::{
    error::OpenError,
    file::Look,
    inspect::{InspectError, name_and_version},
    loaded::Generation,
    plugin::Plugin,
    refusal::Refusal,
    registry::{self, Key},
    root::Root,
    shared::Shared,
    slot::{self, Slot, Tenure},
    subject::Place,
    verify::{self, Known, Verified},
};

/// How a plugin is reloaded, for [`Host::reload_with`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[must_use]
pub struct Reload {
    holding_calls: Option<Duration>,
    is_losing_state: bool,
}

impl Reload {
    /// As [`Host::reload`] does it: calls go on all the while, and a state that nobody restores is an error.
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds calls through slots back while the state is handed over, so that no change of it is lost between `#[save]` and the
    /// moment when calls go to the new generation. Calls that run already are waited for, this long at most.
    ///
    /// What runs in the reloading thread goes on: `#[save]` and `#[restore]` may call back through slots. Calls by
    /// [`Root`]s are not held back.
    pub fn holding_calls(mut self, for_running_ones: Duration) -> Self {
        self.holding_calls = Some(for_running_ones);
        self
    }

    /// Lets the new generation start afresh, whatever the old one would save.
    pub fn losing_state(mut self) -> Self {
        self.is_losing_state = true;
        self
    }
}

impl Host {
    /// Goes over to the file that is now at a plugin's path: loads it as a new generation beside the old one, hands the state
    /// over, and lets all slots of the plugin in this host lead to it. Returns the new generation.
    ///
    /// In this order: the file passes all checks of this host, and is found to be the same plugin by name, to provide what the
    /// slots lead to, and to restore what the old generation saves. Then it is loaded and started. The old one's `#[save]` and
    /// the new one's `#[restore]` run. The slots are switched. If any of this fails, the old generation goes on as before.
    ///
    /// A file that another host has opened already is joined as it runs: it must have the state by a reload there, or there must
    /// be none to hand over; else that is [`ReloadError::StartedElsewhere`]. A plugin that is [linked](crate::link) into this
    /// program has no file of its own: that is [`ReloadError::Linked`].
    ///
    /// Calls that run on the old generation finish there, and what was obtained from it by hand
    /// ([`Root`](crate::Root)s, guards, objects) stays with it. It gives no more objects. It is shut down when the last of its
    /// [holders](Plugin::holders) is gone, in the thread that drops that one, or in this one if there is none.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let mut plugin = host.open("counter")?;
    /// loop {
    ///     std::thread::sleep(std::time::Duration::from_secs(1));
    ///     if plugin.is_stale().is_some() {
    ///         match host.reload(&plugin) {
    ///             Ok(new) => plugin = new,
    ///             Err(error) => eprintln!("{error}"),
    ///         }
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Why the old generation goes on; [`ReloadError`] says up to where nothing of the new file was executed.
    pub fn reload(&self, plugin: &Plugin) -> Result<Plugin, ReloadError> {
        self.reload_with(plugin, Reload::new())
    }

    /// [`reload`](Self::reload), in another way.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// use std::time::Duration;
    ///
    /// use plugin_host::Reload;
    ///
    /// let old = host.open("counter")?;
    /// // No count is lost, and nobody waits for longer than a second.
    /// let new = host.reload_with(&old, Reload::new().holding_calls(Duration::from_secs(1)))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`reload`](Self::reload).
    pub fn reload_with(&self, plugin: &Plugin, how: Reload) -> Result<Plugin, ReloadError> {
        let start = Instant::now();
        let event =
            |kind, plugin: &Plugin| Event::new(kind, &plugin.to_string(), plugin.path(), start.elapsed());
        match self.reload_now(plugin, how) {
            Ok(new) => {
                self.events.record(event(EventKind::Reloaded, &new));
                plugin.retire(&self.events);
                Ok(new)
            }
            Err(error) => {
                let kind = if error.was_executed() { EventKind::Failed } else { EventKind::Refused };
                self.events.record(event(kind, plugin).because(&error));
                Err(error)
            }
        }
    }

    /// A slot for a plugin's shared object of the interface `I`.
    ///
    /// # Errors
    ///
    /// As for [`Plugin::root`], and if the plugin is not open in this host.
    pub fn slot<I: ?Sized + Shared>(&self, plugin: &Plugin) -> Result<Slot<I>, OpenError> {
        let mut opening = registry::begin(plugin.to_string(), plugin.path().to_owned());
        opening.claim(self.name_of(plugin))?;
        if !self.opened.has(plugin) {
            return Err(OpenError::Root(plugin.over()));
        }
        Ok(slot::of(plugin)?)
    }

    /// Opens a plugin that must provide the interface `I`, as [`open_root`](Self::open_root) does, and makes a slot for it.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open).
    pub fn open_slot<I>(&self, plugin: impl AsRef<std::path::Path>) -> Result<Slot<I>, OpenError>
    where
        I: ?Sized + Shared,
    {
        let root: Root<I> = self.open_root(plugin)?;
        self.slot(root.plugin())
    }

    fn name_of(&self, plugin: &Plugin) -> Key {
        Key::Name { host: Arc::as_ptr(&self.opened).addr(), name: plugin.name().to_owned() }
    }

    fn reload_now(&self, old: &Plugin, how: Reload) -> Result<Plugin, ReloadError> {
        // One at a time, and no slot is made meanwhile.
        let mut opening = registry::begin(old.to_string(), old.path().to_owned());
        opening.claim(self.name_of(old))?;
        // Whoever shuts it down meanwhile waits, or hears of this: its state is not saved after its end.
        let reloading = old.loaded().begin_reload();
        if reloading.is_none() || !self.opened.has(old) || old.is_shut_down() {
            return Err(ReloadError::NotCurrent { plugin: old.to_string(), generation: old.generation() });
        }
        let unchanged = || ReloadError::Unchanged { plugin: old.to_string(), path: old.path().to_owned() };
        let Place::File(file) = old.loaded().place else {
            // It is as old as the program, and goes with it.
            return Err(ReloadError::Linked { plugin: old.to_string() });
        };
        let look = Look::at(old.path());
        if look.identity() == Some(file) {
            return Err(unchanged());
        }
        let verified = self.policy.verify(&look, None, &self.events)?;
        let line = old.line();
        let interfaces: Vec<Known> = line
            .iter()
            .flat_map(|line| {
                line.load().get().map(|tenure| tenure.interfaces().collect()).unwrap_or_else(Vec::new)
            })
            .collect();
        let handover = judge(old, &verified, &interfaces, how)?;

        let restores = match handover {
            Handover::By { .. } => Some(old.loaded()),
            Handover::Nothing | Handover::Lost => None,
        };
        let pause = Cell::new(None);
        let then = |root: &RootModule, new: &Head<'_>| -> Result<(), ReloadError> {
            let Handover::By { save, restore } = handover else {
                return Ok(());
            };
            let held_back = match how.holding_calls {
                Some(wait) => state::hold_calls(old, line.as_deref(), wait)?,
                None => None,
            };
            // SAFETY: `judge` found these two, of the old and of the new descriptor, to be of types that fit.
            unsafe { state::hand_over(old, save, (root, new), restore) }?;
            pause.set(held_back);
            Ok(())
        };
        // Before the host has the new one open under any name, so that what fails here leaves nothing of it there.
        let go_over = |new: &Plugin| -> Result<(), ReloadError> {
            if new == old {
                return Err(unchanged());
            }
            if self.opened.has(new) && !new.is_shut_down() {
                return Err(ReloadError::OpenBeside {
                    plugin: old.to_string(),
                    by: new.to_string(),
                    path: verified.path().to_owned(),
                });
            }
            // Another host may have shut it down. Nobody does from here on.
            let _asking = new.ask().map_err(OpenError::from)?;
            if restores.is_some_and(|old| !new.loaded().has_state_of(old)) {
                return Err(ReloadError::StartedElsewhere {
                    plugin: old.to_string(),
                    by: new.to_string(),
                    path: verified.path().to_owned(),
                });
            }
            let Some(line) = &line else { return Ok(()) };
            let tenure = Tenure::of(new, interfaces.iter().copied()).map_err(OpenError::from)?;
            // Before it is there for calls, so that a slot that is made through the new handle is one of these.
            new.join_line(line);
            match pause.take() {
                Some(pause) => _ = pause.switch(tenure),
                None => _ = line.switch(tenure),
            }
            Ok(())
        };
        let number = old.generation().saturating_add(1);
        let generation = Generation { number, replaces: Some(old), restores, then };
        let new = self.load_generation(&verified, Namesake::Beside, generation, go_over)?;
        self.opened.replace(old, &new);
        Ok(new)
    }
}

/// Whether a file may take a plugin's place, before anything of it is mapped; and how it gets the state.
fn judge(old: &Plugin, verified: &Verified, slots: &[Known], how: Reload) -> Result<Handover, ReloadError> {
    let path = verified.path();
    let new = verified.descriptor()?;
    if new.name != old.name() {
        return Err(ReloadError::AnotherPlugin {
            path: path.to_owned(),
            expected: old.name().to_owned(),
            found: name_and_version(&new),
        });
    }
    let mismatches: Vec<_> = slots
        .iter()
        .flat_map(|known| match verify::fit(known, &new) {
            Ok(Some(_)) => Vec::new(),
            Ok(None) => vec![verify::not_provided(known, &new)],
            Err(mismatches) => mismatches,
        })
        .collect();
    if !mismatches.is_empty() {
        return Err(OpenError::Refused(Refusal::new(path, name_and_version(&new), mismatches)).into());
    }
    let old_descriptor = old.descriptor().map_err(|source| {
        OpenError::from(InspectError::Descriptor { path: old.path().to_owned(), source })
    })?;
    match compat::handover(old_descriptor, &new) {
        _ if how.is_losing_state => Ok(Handover::Nothing),
        Ok(Handover::Lost) => Err(ReloadError::StateLost {
            plugin: old.to_string(),
            by: name_and_version(&new),
            path: path.to_owned(),
        }),
        Ok(handover) => Ok(handover),
        Err(mismatches) => Err(ReloadError::State(Refusal::new(path, name_and_version(&new), mismatches))),
    }
}
