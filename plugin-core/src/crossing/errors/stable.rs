//! Errors that either side can downcast.

use core::{ffi::c_void, fmt};
use std::error::Error;

use super::{Foreign, Halves, Link, Plain, Sendable, Shared, halves};
use crate::layout::{Fingerprint, StableLayout};

/// An error whose type both sides know: wherever it goes, [`StableError::downcast_ref`] finds what is in it.
///
/// An ordinary error of a plugin is known by its type to the plugin alone, since types have no identity that two builds
/// share: the host sees its texts and its sources. A type that derives [`StableLayout`](macro@crate::StableLayout) has
/// one, its description's fingerprint.
///
/// ```
/// use std::{error::Error, fmt};
///
/// use plugin_core::{StableError, StableLayout};
///
/// #[derive(Debug, StableLayout)]
/// #[repr(C)]
/// struct Corrupt {
///     offset: u64,
/// }
///
/// impl fmt::Display for Corrupt {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         write!(f, "corrupt at byte {}", self.offset)
///     }
/// }
///
/// impl Error for Corrupt {}
///
/// // In a plugin.
/// fn read() -> Result<(), Box<dyn Error + Send + Sync>> {
///     Err(StableError::new(Corrupt { offset: 7 }))?
/// }
///
/// // In its host.
/// let error = read().unwrap_err();
/// assert_eq!(error.to_string(), "corrupt at byte 7");
/// assert_eq!(StableError::downcast_ref::<Corrupt>(&*error).unwrap().offset, 7);
/// ```
pub struct StableError {
    content: Box<dyn Content>,
}

/// An error with its description.
trait Content: Error + Send + Sync {
    fn fingerprint(&self) -> Fingerprint;
}

impl<E: Error + StableLayout + Send + Sync + 'static> Content for E {
    fn fingerprint(&self) -> Fingerprint {
        const { E::TYPE_LAYOUT.whole_fingerprint() }
    }
}

impl StableError {
    /// Marks an error as one that both sides know.
    pub fn new<E: Error + StableLayout + Send + Sync + 'static>(error: E) -> Self {
        Self { content: Box::new(error) }
    }

    /// The `E` that `error` is, or that a [`StableError`] of any library carries which `error` is.
    ///
    /// Of a chain, this looks at `error` alone: go through the sources to look further.
    #[must_use]
    pub fn downcast_ref<'e, E>(error: &'e (dyn Error + 'static)) -> Option<&'e E>
    where
        E: Error + StableLayout + Send + Sync + 'static,
    {
        if let Some(own) = error.downcast_ref::<E>() {
            return Some(own);
        }
        if let Some(marked) = error.downcast_ref::<Self>() {
            let content = marked.content(halves(const { E::TYPE_LAYOUT.whole_fingerprint() }));
            // SAFETY: null, or of a type with the description of `E`, which may be used as an `E`; borrowed from `error`.
            return unsafe { content.cast::<E>().as_ref() };
        }
        link(error)?.stable::<E>()
    }

    /// The address of the content, if it has this fingerprint; else null.
    pub(super) fn content(&self, wanted: Halves) -> *const c_void {
        if halves(self.content.fingerprint()) == wanted {
            (&raw const *self.content).cast()
        } else {
            core::ptr::null()
        }
    }
}

fn link<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Link> {
    fn of<'e, K: 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e Link> {
        error.downcast_ref::<Foreign<K>>().map(|foreign| &foreign.error)
    }
    error
        .downcast_ref::<Link>()
        .or_else(|| of::<Shared>(error))
        .or_else(|| of::<Sendable>(error))
        .or_else(|| of::<Plain>(error))
}

impl fmt::Display for StableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.content, f)
    }
}

impl fmt::Debug for StableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.content, f)
    }
}

impl Error for StableError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.content.source()
    }
}
