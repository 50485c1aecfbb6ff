//! What other copies of this crate in the process are told of a library: whether a host has it open here.

use std::ffi::c_void;

use plugin_core::__private::HostCopy;

use super::{End, Loaded};

impl Loaded {
    /// Has other copies ask this one before they end the plugin.
    pub(super) fn make_known(&'static self) {
        self.root.add_copy(Box::leak(Box::new(HostCopy::new(has_open, self.address()))));
    }

    /// Whether a host of another copy has the library open. Not to be asked under a lock: it takes that of the other copy,
    /// which may be asking this one.
    pub(super) fn is_open_in_another_copy(&self) -> bool {
        self.root.is_open_in_another_copy(self.address())
    }

    fn address(&self) -> *const c_void {
        std::ptr::from_ref(self).cast()
    }
}

extern "C" fn has_open(library: *const c_void) -> bool {
    // SAFETY: what `make_known` gave: a reference that lives as long as the process.
    let loaded: &Loaded = unsafe { &*library.cast() };
    let hosts = loaded.hosts();
    hosts.end == End::Open && hosts.is_open()
}
