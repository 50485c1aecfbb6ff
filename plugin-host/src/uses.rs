//! What a plugin holds of others because it requires it: counted with the roots, until the plugin has ended.
#![forbid(unsafe_code)]

use std::sync::atomic::Ordering::SeqCst;

use plugin_core::RawObject;

use crate::{loaded::Loaded, plugin::Plugin};

/// A shared object of a plugin, in use by another one.
pub(crate) struct Use {
    provider: &'static Loaded,
    /// The place of the interface among those that the provider provides.
    interface: usize,
}

impl Use {
    /// The object, unless the plugin gives no more.
    pub(crate) fn of(plugin: &Plugin, interface: usize) -> Option<(RawObject, Self)> {
        let provider = plugin.loaded();
        let _asking = provider.ask().filter(|_| !plugin.is_shut_down())?;
        let object = provider.shared.get(interface).copied().flatten()?;
        provider.tallies.required.get(interface)?.store(true, SeqCst);
        provider.tallies.roots.get(interface)?.out();
        Some((object, Self { provider, interface }))
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        if let Some(tally) = self.provider.tallies.roots.get(self.interface) {
            tally.back();
        }
        if self.provider.retirement.is_retired() {
            // Of a generation that was replaced this may have been the last holder.
            if let Some(events) = self.provider.retired_by() {
                self.provider.hold(&events).let_go();
            }
        }
    }
}
