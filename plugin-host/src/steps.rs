//! The steps of an open, between which a file may be changed by somebody else. Nothing happens at them: they are where
//! tests change it.
//!
//! Only with the feature `test-hooks` does anything look at them, and what looks is a closure that is told the step and
//! returns nothing: no answer of this crate depends on it. Without the feature a step is an empty function.
#![forbid(unsafe_code)]

/// What has just been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(not(feature = "test-hooks"), expect(unreachable_pub, reason = "reachable only by tests"))]
pub enum Step {
    /// Every link in the path was followed.
    Resolved,
    /// The file was opened.
    Opened,
    /// The file was copied to where nobody can change it; only under digests and signatures.
    Copied,
    /// Somebody vouches for the file.
    Trusted,
    /// The file was read as a plugin.
    Inspected,
    /// The plugin was found to fit.
    Judged,
    /// The system's loader is called next.
    Loading,
    /// The system's loader has mapped it and has run its constructors.
    Mapped,
}

#[cfg(feature = "test-hooks")]
impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 8] = [
        Self::Resolved,
        Self::Opened,
        Self::Copied,
        Self::Trusted,
        Self::Inspected,
        Self::Judged,
        Self::Loading,
        Self::Mapped,
    ];
}

#[cfg(not(feature = "test-hooks"))]
#[inline(always)]
pub(crate) fn reached(_step: Step) {}

#[cfg(feature = "test-hooks")]
pub use hooks::observe;
#[cfg(feature = "test-hooks")]
pub(crate) use hooks::reached;

#[cfg(feature = "test-hooks")]
mod hooks {
    use std::cell::RefCell;

    use super::Step;

    type Observer = Box<dyn FnMut(Step)>;

    thread_local! {
        static OBSERVER: RefCell<Option<Observer>> = const { RefCell::new(None) };
    }

    /// Calls `observer` at each step of the opens of this thread while `body` runs.
    pub fn observe<R>(observer: impl FnMut(Step) + 'static, body: impl FnOnce() -> R) -> R {
        struct Removed;
        impl Drop for Removed {
            fn drop(&mut self) {
                OBSERVER.set(None);
            }
        }
        OBSERVER.set(Some(Box::new(observer)));
        let _removed = Removed;
        body()
    }

    pub(crate) fn reached(step: Step) {
        // Taken out meanwhile, so that an observer may open plugins itself.
        if let Some(mut observer) = OBSERVER.take() {
            observer(step);
            OBSERVER.set(Some(observer));
        }
    }
}
