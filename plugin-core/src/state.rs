//! A plugin's state on its way from one generation to the next: in a box of the library that saved it, which the one that
//! restores it opens. The host in between knows neither the type nor its size, only that the descriptions of both fit.

use core::{ffi::c_void, mem::ManuallyDrop, mem::MaybeUninit, ptr::NonNull};

use crate::{
    crossing::Crossing,
    guard::Outcome,
    layout::{StableLayout, TypeLayout},
    root::{Address, Fallible, fallible},
    vtable::Slot,
};

/// The entry of `#[save]`.
type SaveFn = extern "C" fn() -> Fallible<RawState>;

/// The entry of `#[restore]`, which moves the state out of its box, whatever comes of it.
type RestoreFn = unsafe extern "C" fn(NonNull<c_void>) -> Fallible<()>;

/// A saved state as it crosses: the box, and what frees it.
#[repr(C)]
pub struct RawState {
    value: NonNull<c_void>,
    /// Frees the box; unless the state was moved out, with the state in it.
    free: unsafe extern "C" fn(NonNull<c_void>, bool) -> Outcome<()>,
}

impl RawState {
    fn new<T: Crossing>(state: T) -> Self {
        Self { value: NonNull::from(Box::leak(Box::new(state.into_abi()))).cast(), free: free::<T::Abi> }
    }
}

/// # Safety
///
/// `value` is a leaked box of an `A` of this library, which nobody uses afterwards; if `is_moved`, the `A` was moved out.
unsafe extern "C" fn free<A>(value: NonNull<c_void>, is_moved: bool) -> Outcome<()> {
    Outcome::of(|| match is_moved {
        // SAFETY: the caller's promise; `MaybeUninit` has the layout of what it wraps, and drops nothing.
        true => drop(unsafe { Box::from_raw(value.cast::<MaybeUninit<A>>().as_ptr()) }),
        // SAFETY: the caller's promise.
        false => drop(unsafe { Box::from_raw(value.cast::<A>().as_ptr()) }),
    })
}

/// A saved state, until a newer generation restores it. Dropped before that, it is freed by the library that made it, and a
/// panic in that is the plugin's to report.
pub struct SavedState(RawState);

impl SavedState {
    /// Calls a plugin's `#[save]`.
    ///
    /// # Safety
    ///
    /// `entry` is the address of the entry of a `#[save]`.
    pub unsafe fn save(entry: Address) -> Fallible<Self> {
        // SAFETY: the caller vouches for what is at the address.
        let entry: SaveFn = unsafe { Slot::new(entry.get().cast()).restore() };
        entry().map(|saved| saved.map(Self))
    }

    /// Gives the state to a plugin's `#[restore]`, and frees the box.
    ///
    /// # Safety
    ///
    /// `entry` is the address of the entry of a `#[restore]`, whose type fits that of the state.
    pub unsafe fn restore(self, entry: Address) -> Fallible<()> {
        let RawState { value, free } = ManuallyDrop::new(self).0;
        // SAFETY: the caller vouches for what is at the address.
        let entry: RestoreFn = unsafe { Slot::new(entry.get().cast()).restore() };
        // SAFETY: the box holds a state of a type that fits, and nobody else takes it out.
        let restored = unsafe { entry(value) };
        // SAFETY: the box's own function; the entry has moved the state out. A box without contents frees silently.
        let _ = unsafe { free(value, true) }.into_result();
        restored
    }
}

impl Drop for SavedState {
    fn drop(&mut self) {
        // SAFETY: the box's own function; the state is still in it, and nobody uses it afterwards.
        let _ = unsafe { (self.0.free)(self.0.value, false) }.into_result();
    }
}

/// The description of a state. For generated code.
#[must_use]
pub const fn state_layout<T: Crossing + 'static>() -> &'static TypeLayout {
    <T::Abi as StableLayout>::TYPE_LAYOUT
}

/// Holds that what a build saves is what it restores. For generated code.
///
/// # Panics
///
/// At compile time, if the two are of different types.
pub const fn same_state(saved: &TypeLayout, restored: &TypeLayout) {
    assert!(
        saved.fingerprint.equals(restored.fingerprint),
        "`#[restore]` takes another type than `#[save]` of the same version returns: give one of them another version"
    );
}

/// Saves a state under the guard. For generated code.
pub fn save<T: Crossing + 'static>(step: impl FnOnce() -> Result<T, String>) -> Fallible<RawState> {
    fallible(|| step().map(RawState::new))
}

/// What an entry of `#[restore]` was given, as the state that it is.
///
/// # Safety
///
/// `value` points to a state that was saved as this type, or as one that fits; it is moved out, and nobody else uses it.
#[must_use]
pub unsafe fn arrived<T: Crossing + 'static>(value: NonNull<c_void>) -> Arrived<T> {
    // SAFETY: the caller's promise.
    Arrived(unsafe { value.cast::<T::Abi>().read() })
}

/// A state that was moved out of its box.
pub struct Arrived<T: Crossing>(T::Abi);

/// Restores a state under the guard. For generated code.
pub fn restore<T: Crossing + 'static>(
    state: Arrived<T>,
    step: impl FnOnce(T) -> Result<(), String>,
) -> Fallible<()> {
    // SAFETY: `arrived` was promised that it was saved as this type.
    fallible(move || step(unsafe { T::from_abi(state.0) }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;
    use crate::abi::RResult;

    static ALIVE: AtomicUsize = AtomicUsize::new(0);

    struct State(u64);

    impl State {
        fn new() -> Self {
            ALIVE.fetch_add(1, SeqCst);
            Self(7)
        }
    }

    impl Drop for State {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, SeqCst);
        }
    }

    // SAFETY: one number.
    unsafe impl StableLayout for State {
        const TYPE_LAYOUT: &'static TypeLayout = u64::TYPE_LAYOUT;
    }

    // SAFETY: it crosses as it is.
    unsafe impl Crossing for State {
        type Abi = Self;

        fn into_abi(self) -> Self {
            self
        }

        unsafe fn from_abi(abi: Self) -> Self {
            abi
        }
    }

    extern "C" fn saves() -> Fallible<RawState> {
        save(|| Ok(State::new()))
    }

    macro_rules! restores {
        ($name:ident, $step:expr) => {
            unsafe extern "C" fn $name(state: NonNull<c_void>) -> Fallible<()> {
                // SAFETY: saved by `saves`.
                let state = unsafe { arrived::<State>(state) };
                restore(state, $step)
            }
        };
    }

    restores!(takes, |state: State| match state.0 {
        7 => Ok(()),
        other => Err(other.to_string()),
    });
    restores!(refuses, |_| Err("no".to_owned()));
    restores!(panics, |_| panic!("restore was asked to panic"));

    /// One test, because the count is one.
    #[test]
    fn a_state_is_dropped_once_whatever_becomes_of_it() {
        let saved = || {
            // SAFETY: the entry above.
            let saved = unsafe { SavedState::save(Address::new(saves as *const ())) };
            let RResult::ROk(saved) = saved.into_result().unwrap() else { panic!() };
            assert_eq!(ALIVE.load(SeqCst), 1);
            saved
        };
        drop(saved());
        assert_eq!(ALIVE.load(SeqCst), 0);
        // SAFETY: one of the entries above, of the same type.
        let restored = |entry: *const ()| unsafe { saved().restore(Address::new(entry)) }.into_result();
        assert!(matches!(restored(takes as *const ()), Ok(RResult::ROk(()))));
        assert_eq!(ALIVE.load(SeqCst), 0);
        assert!(matches!(restored(refuses as *const ()), Ok(RResult::RErr(why)) if why == "no"));
        assert_eq!(ALIVE.load(SeqCst), 0);
        assert_eq!(restored(panics as *const ()).unwrap_err().message(), "restore was asked to panic");
        assert_eq!(ALIVE.load(SeqCst), 0);
    }
}
