//! What one host has of a library.
#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicBool, Ordering};

use crate::{handles::Handles, loaded::Loaded};

/// What one host has of a library: it can be taken from this host while others keep it.
pub(crate) struct View {
    pub(crate) loaded: &'static Loaded,
    /// The host's own and those that it gave out.
    pub(crate) handles: Handles,
    is_shut_down: AtomicBool,
}

impl View {
    pub(crate) fn new(loaded: &'static Loaded, is_shut_down: bool) -> Self {
        Self { loaded, handles: Handles::default(), is_shut_down: is_shut_down.into() }
    }

    /// Whether it gives no more objects.
    pub(crate) fn is_shut_down(&self) -> bool {
        self.is_shut_down.load(Ordering::Acquire)
    }

    /// For [`Loaded`], which decides it under its lock.
    pub(crate) fn set_shut_down(&self, is_shut_down: bool) {
        self.is_shut_down.store(is_shut_down, Ordering::Release);
    }
}
