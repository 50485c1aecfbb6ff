//! Objects of a plugin.

use plugin_core::{__private::RResult, Instance, Interface};

use super::Plugin;
use crate::{
    error::Refusal,
    loaded::Asking,
    root::{Root, RootError},
    shared::Shared,
    verify::{self, Known},
};

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
        let index = self.provider::<I>()?;
        match self.loaded().shared.get(index) {
            // SAFETY: made by the constructor of this very interface, which fits this build's description; the object
            // belongs to the plugin for ever, and `Root` never drops it.
            Some(Some(object)) => Ok(Root::new(unsafe { Instance::from_raw(*object) }, self.clone(), index)),
            _ => Err(self.not_provided(plugin_core::__private::known::<I>())),
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
        let index = self.provider::<I>()?;
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
    fn ask(&self) -> Result<Asking<'_>, RootError> {
        let asking = self.loaded().ask().filter(|_| !self.is_shut_down());
        asking.ok_or_else(|| RootError::ShutDown { plugin: self.to_string() })
    }

    fn provider<I: ?Sized + Interface>(&self) -> Result<usize, RootError> {
        let known: Known = plugin_core::__private::known::<I>();
        match verify::fit(known, self.descriptor()) {
            Ok(Some(index)) => Ok(index),
            Ok(None) => Err(self.not_provided(known)),
            Err(mismatches) => {
                Err(RootError::Refused(Refusal::new(self.path(), self.to_string(), mismatches)))
            }
        }
    }

    fn not_provided(&self, known: Known) -> RootError {
        let mismatches = vec![verify::not_provided(known, self.descriptor())];
        RootError::Refused(Refusal::new(self.path(), self.to_string(), mismatches))
    }
}
