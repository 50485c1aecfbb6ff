//! Objects that their own library knows as a trait object only: what `Box<dyn I>`, `Arc<dyn I>` and `&dyn I` become when
//! they cross.

use core::ffi::c_void;
use std::sync::Arc;

use crate::{home::Owner, interface::Interface};

/// An object behind a pointer of this library, with a thin address. `#[plugin_interface]` implements the trait for it,
/// so that it has a table like any other implementor.
pub struct Erased<I: ?Sized> {
    target: *mut I,
    keeping: Keeping,
}

#[derive(Clone, Copy)]
enum Keeping {
    /// Somebody else keeps it, for as long as this is used.
    Borrowed,
    Boxed,
    Shared,
}

// SAFETY: used as the `I` that it stands for, by whoever may use that; one that is shared crosses only if `I` is `Sync`.
unsafe impl<I: ?Sized + Send> Send for Erased<I> {}
// SAFETY: as above.
unsafe impl<I: ?Sized + Sync> Sync for Erased<I> {}

impl<I: ?Sized> Erased<I> {
    pub(crate) fn boxed(object: Box<I>) -> Self {
        Self { target: Box::into_raw(object), keeping: Keeping::Boxed }
    }

    pub(crate) fn shared(object: Arc<I>) -> Self {
        Self { target: Arc::into_raw(object).cast_mut(), keeping: Keeping::Shared }
    }

    /// # Safety
    ///
    /// `object` outlives this, and nobody else uses it meanwhile, unless this is only used by shared reference.
    pub(crate) const unsafe fn borrowed(object: *mut I) -> Self {
        Self { target: object, keeping: Keeping::Borrowed }
    }

    /// The object.
    #[inline]
    #[must_use]
    pub const fn get(&self) -> &I {
        // SAFETY: kept by this, or by whoever lent it for longer.
        unsafe { &*self.target }
    }

    /// The object.
    ///
    /// # Panics
    ///
    /// If it is shared with others: the other side had the only `Arc` of its own, but not the only one.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut I {
        if let Keeping::Shared = self.keeping {
            // SAFETY: made by `Arc::into_raw`; this goes on owning it.
            let mut shared = core::mem::ManuallyDrop::new(unsafe { Arc::from_raw(self.target) });
            assert!(
                Arc::get_mut(&mut shared).is_some(),
                "a method with `&mut self` needs an object that is not shared"
            );
        }
        // SAFETY: owned alone (checked above), or lent mutably.
        unsafe { &mut *self.target }
    }

    /// The object, for methods that take it by value.
    ///
    /// # Panics
    ///
    /// If it is shared, or borrowed.
    #[must_use]
    pub fn into_boxed(this: Self) -> Box<I> {
        match this.keeping {
            Keeping::Boxed => match Self::into_owner(this) {
                Owner::Alone(object) => object,
                Owner::Shared(_) => unreachable!("it is boxed"),
            },
            Keeping::Borrowed | Keeping::Shared => {
                panic!("a method that takes the object by value needs an object that is not shared")
            }
        }
    }

    /// For methods that take `self`.
    ///
    /// # Panics
    ///
    /// Always: such a method can be called on a type, and on an instance, but not on a trait object.
    #[cold]
    pub fn refuse_to_move(this: Self) -> ! {
        drop(this);
        panic!("a trait object cannot be moved out of its box: declare the method with `self: Box<Self>`")
    }

    pub(crate) fn into_owner(this: Self) -> Owner<I> {
        let Self { target, keeping } = *core::mem::ManuallyDrop::new(this);
        match keeping {
            // SAFETY: from `Box::into_raw`, and owned by what was passed.
            Keeping::Boxed => Owner::Alone(unsafe { Box::from_raw(target) }),
            // SAFETY: from `Arc::into_raw`, and owned by what was passed.
            Keeping::Shared => Owner::Shared(unsafe { Arc::from_raw(target) }),
            Keeping::Borrowed => unreachable!("what is borrowed does not cross as owned"),
        }
    }
}

impl<I: ?Sized + Interface> Erased<I> {
    /// The object of a table of this type.
    pub(crate) fn target(data: *mut c_void) -> *mut I {
        // SAFETY: called with the object of a table of `Erased<I>` alone.
        unsafe { (*data.cast::<Self>()).target }
    }

    /// The same, for use by `&mut`.
    pub(crate) fn target_mut(data: *mut c_void) -> *mut I {
        // SAFETY: as for `target`; the caller uses the object alone, as far as it knows, which is what `get_mut` checks.
        unsafe { (*data.cast::<Self>()).get_mut() }
    }
}

impl<I: ?Sized> Drop for Erased<I> {
    fn drop(&mut self) {
        match self.keeping {
            Keeping::Borrowed => {}
            // SAFETY: from `Box::into_raw`, owned by this, and dropped once.
            Keeping::Boxed => drop(unsafe { Box::from_raw(self.target) }),
            // SAFETY: from `Arc::into_raw`, owned by this, and dropped once.
            Keeping::Shared => drop(unsafe { Arc::from_raw(self.target) }),
        }
    }
}

/// Makes another owner of a shared object; null for one that is owned alone.
///
/// # Safety
///
/// `data` is an `Erased<I>`, borrowed for the call.
pub(crate) unsafe extern "C" fn share_erased<I: ?Sized + Interface>(data: *mut c_void) -> *mut c_void {
    // SAFETY: promised by the caller.
    let this = unsafe { &*data.cast::<Erased<I>>() };
    match this.keeping {
        Keeping::Shared => {
            // SAFETY: made by `Arc::into_raw`, and still owned by `this`.
            unsafe { Arc::increment_strong_count(this.target) };
            I::COUNTER.get().out();
            let another = Erased { target: this.target, keeping: Keeping::Shared };
            Box::into_raw(Box::new(another)).cast()
        }
        Keeping::Borrowed | Keeping::Boxed => core::ptr::null_mut(),
    }
}
