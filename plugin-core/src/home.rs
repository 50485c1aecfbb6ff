//! What an object's own library knows about it, so that an object that comes home is unwrapped, not wrapped again.
//!
//! A table of functions points to a [`Home`]. Only its first word may be read by another library: it says whose it is.

use core::{any::TypeId, ffi::c_void};
use std::sync::Arc;

use crate::{erased::Erased, instance::RawObject, interface::Interface};

/// This very copy of the library: each plugin and the host have one of their own.
pub(crate) static LIBRARY: u8 = 0;

/// How an object of a table becomes an `I` again, in the library that made it.
#[repr(C)]
pub struct Home<I: ?Sized> {
    /// The address of [`LIBRARY`]: first, because whoever has the object reads it.
    library: *const u8,
    /// Of `I`, as this library's compiler knows it: one library may hold two versions of an interface's crate.
    interface: TypeId,
    borrow: fn(*mut c_void) -> *mut I,
    /// For use by `&mut`: panics if somebody else has the object, too.
    borrow_mut: fn(*mut c_void) -> *mut I,
    own: unsafe fn(&Self, *mut c_void) -> Owner<I>,
}

/// Whoever owns an object.
pub(crate) enum Owner<I: ?Sized> {
    Alone(Box<I>),
    Shared(Arc<I>),
}

impl<I: ?Sized + Interface> Home<I> {
    /// For objects of a `T` in a box; `unsize` is the cast from `*mut T` to `*mut I`.
    #[must_use]
    pub const fn of_boxed(unsize: fn(*mut c_void) -> *mut I) -> Self {
        Self::new(unsize, unsize, |this, data| {
            // SAFETY: the object was a box of the `T` that `borrow` casts to, and the caller gives it up.
            Owner::Alone(unsafe { Box::from_raw((this.borrow)(data)) })
        })
    }

    /// For objects that are known to this library as an `I` only.
    pub(crate) const fn of_erased() -> Self {
        Self::new(Erased::<I>::target, Erased::<I>::target_mut, |_, data| {
            // SAFETY: such an object is an `Erased` in a box, and the caller gives it up.
            Erased::into_owner(*unsafe { Box::from_raw(data.cast::<Erased<I>>()) })
        })
    }

    const fn new(
        borrow: fn(*mut c_void) -> *mut I,
        borrow_mut: fn(*mut c_void) -> *mut I,
        own: unsafe fn(&Self, *mut c_void) -> Owner<I>,
    ) -> Self {
        Self { library: &raw const LIBRARY, interface: TypeId::of::<I>(), borrow, borrow_mut, own }
    }
}

/// The home of an object, if that is this library and knows it as an `I`.
fn home_of<I: ?Sized + Interface>(object: RawObject) -> Option<&'static Home<I>> {
    let home = object.vtable().home();
    // SAFETY: every table points to a `Home`, which begins with this word in every library.
    if unsafe { *home.cast::<*const u8>() } != &raw const LIBRARY {
        return None;
    }
    // SAFETY: the home is this library's own, so the type's identity is where `repr(C)` puts it for every `I`.
    let interface = unsafe { (*home.cast::<Home<()>>()).interface };
    // SAFETY: made for the same `I`, and tables and homes are constants.
    (interface == TypeId::of::<I>()).then(|| unsafe { &*home.cast::<Home<I>>() })
}

/// The `I` behind an object that this library made.
///
/// It is borrowed for as long as the object is, which the caller knows.
pub(crate) fn at_home<I: ?Sized + Interface>(object: RawObject) -> Option<*mut I> {
    home_of::<I>(object).map(|home| (home.borrow)(object.data()))
}

/// The `I` behind an object that this library made, for use by `&mut`.
///
/// # Panics
///
/// If the object is shared: the other side had its only `Arc` of it, but not the only one.
pub(crate) fn at_home_mut<I: ?Sized + Interface>(object: RawObject) -> Option<*mut I> {
    home_of::<I>(object).map(|home| (home.borrow_mut)(object.data()))
}

/// Takes back an object that this library made.
///
/// # Safety
///
/// The caller owns the object, and gives it up if there is a result.
pub(crate) unsafe fn come_home<I: ?Sized + Interface>(object: RawObject) -> Option<Owner<I>> {
    // SAFETY: the home belongs to the object's table, and the caller gives the object up.
    home_of::<I>(object).map(|home| unsafe { (home.own)(home, object.data()) })
}
