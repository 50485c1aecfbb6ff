//! Objects of a plugin.

use plugin_core::{__private::RResult, Instance, Interface, RawObject};

use super::Plugin;
use crate::{
    loaded::Asking,
    refusal::Refusal,
    root::{Root, RootError},
    shared::Shared,
    verify::{self, Known},
};

/// Somebody asks the plugin for an object: nobody ends it meanwhile.
pub(crate) struct PluginAsked<'p> {
    asking: Option<Asking<'p>>,
    plugin: &'p Plugin,
}

impl Drop for PluginAsked<'_> {
    fn drop(&mut self) {
        // Whoever retired the plugin meanwhile has left its end to this.
        drop(self.asking.take());
        self.plugin.let_go();
    }
}

impl Plugin {
    /// The plugin's one shared object of the interface `I`.
    ///
    /// # Errors
    ///
    /// If the plugin does not provide the interface, or in a form that does not fit: after the fact, since it is loaded.
    /// A host that knows the interface beforehand ([`Host::expecting`](crate::Host::expecting),
    /// [`Host::open_root`](crate::Host::open_root)) does not load such a plugin in the first place.
    pub fn root<I>(&self) -> Result<Root<I>, RootError>
    where
        I: ?Sized + Shared,
    {
        let _asking = self.ask()?;
        let (index, object) = self.shared(plugin_core::__private::known::<I>())?;
        // SAFETY: made by the constructor of this very interface, which fits this build's description; the object belongs to
        // the plugin, which does not end while there is a root, and `Root` never drops it.
        Ok(Root::new(unsafe { Instance::from_raw(object) }, self.clone(), index))
    }

    /// The shared object of an interface, and the interface's place among those that are provided. Whoever keeps it counts it,
    /// while it [asks](Self::ask).
    pub(crate) fn shared(&self, known: Known) -> Result<(usize, RawObject), RootError> {
        let index = self.provider(known)?;
        match self.loaded().shared.get(index) {
            Some(Some(object)) => Ok((index, *object)),
            _ => Err(self.not_provided(known)),
        }
    }

    /// Why it gives no more objects.
    pub(crate) fn over(&self) -> RootError {
        match self.is_replaced() {
            true => RootError::Replaced { plugin: self.to_string(), generation: self.generation() },
            false => RootError::ShutDown { plugin: self.to_string() },
        }
    }

    /// A new object of the interface `I`, owned by the caller: for interfaces with `&mut self`, and for state that is not
    /// shared.
    ///
    /// # Errors
    ///
    /// As for [`root`](Self::root), and what the constructor reports.
    pub fn instantiate<I: ?Sized + Interface>(&self) -> Result<Instance<I>, RootError> {
        let _asking = self.ask()?;
        let index = self.provider(plugin_core::__private::known::<I>())?;
        let Some(construct) = self.loaded().root.constructors().get(index) else {
            return Err(self.not_provided(plugin_core::__private::known::<I>()));
        };
        // SAFETY: constructors are in the order of the provided interfaces, and take the context.
        match unsafe { construct(self.loaded().context) }.into_result() {
            // SAFETY: made by the constructor of this very interface, which fits; nobody else has the object.
            Ok(RResult::ROk(object)) => Ok(unsafe { Instance::from_raw(object) }),
            Ok(RResult::RErr(message)) => Err(RootError::Constructor {
                plugin: self.to_string(),
                interface: I::INTERFACE.id,
                message: message.into(),
            }),
            Err(source) => {
                Err(RootError::Panicked { plugin: self.to_string(), interface: I::INTERFACE.id, source })
            }
        }
    }

    /// Keeps the plugin from being shut down while it is asked for an object, unless it is.
    pub(crate) fn ask(&self) -> Result<PluginAsked<'_>, RootError> {
        let asking = self.loaded().ask().filter(|_| !self.is_shut_down());
        let asking = PluginAsked { asking, plugin: self };
        if asking.asking.is_some() { Ok(asking) } else { Err(self.over()) }
    }

    fn provider(&self, known: Known) -> Result<usize, RootError> {
        match verify::fit(known, self.head()) {
            Ok(Some(index)) => Ok(index),
            Ok(None) => Err(self.not_provided(known)),
            Err(mismatches) => {
                Err(RootError::Refused(Refusal::new(self.path(), self.to_string(), mismatches)))
            }
        }
    }

    fn not_provided(&self, known: Known) -> RootError {
        let mismatches = vec![verify::not_provided(known, self.head())];
        RootError::Refused(Refusal::new(self.path(), self.to_string(), mismatches))
    }
}
