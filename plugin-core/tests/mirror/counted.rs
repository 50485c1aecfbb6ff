//! Values that are counted, and whose conversion panics when asked to.

use std::cell::Cell;

use plugin_core::{Crossing, StableLayout};

thread_local! {
    /// Values of [`Counted`] that live, and the conversion that panics.
    pub(crate) static LIVE: Cell<i64> = const { Cell::new(0) };
    pub(crate) static PANICS: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Counts its values, in either form.
#[derive(Debug, PartialEq)]
pub(crate) struct Counted(pub(crate) u32);

/// Its FFI-safe form.
#[derive(Debug, StableLayout)]
#[repr(C)]
pub(crate) struct CountedAbi(u32);

impl Counted {
    pub(crate) fn new(number: u32) -> Self {
        LIVE.set(LIVE.get() + 1);
        Self(number)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

impl Drop for CountedAbi {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

// SAFETY: the number crosses, both ways.
unsafe impl Crossing for Counted {
    type Abi = CountedAbi;

    fn into_abi(self) -> CountedAbi {
        assert_ne!(PANICS.get(), Some(self.0));
        LIVE.set(LIVE.get() + 1);
        CountedAbi(self.0)
    }

    unsafe fn from_abi(abi: CountedAbi) -> Self {
        assert_ne!(PANICS.get(), Some(abi.0 + 100));
        Self::new(abi.0)
    }
}

/// The value of a field that was not sent.
impl Default for Counted {
    fn default() -> Self {
        assert_ne!(PANICS.get(), Some(200));
        Self::new(200)
    }
}
