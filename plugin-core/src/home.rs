//! What an object's own library knows about it, so that an object that comes home is unwrapped, not wrapped again.
//!
//! A table of functions points to a [`Home`]. Only its beginning may be read by another library: it says whose it is, and
//! how that library knows the interface.

use core::{any::TypeId, ffi::c_void, marker::PhantomData};
use std::sync::Arc;

use crate::{
    descriptor::reach,
    erased::Erased,
    instance::RawObject,
    interface::{Interface, InterfaceLayout},
};

/// This very copy of the library: each plugin and the host have one of their own.
pub(crate) static LIBRARY: u8 = 0;

/// How an object of a table becomes an `I` again, in the library that made it.
#[repr(C)]
pub struct Home<I: ?Sized> {
    public: Public,
    /// Of `I`, as this library's compiler knows it: one library may hold two versions of an interface's crate.
    interface: TypeId,
    borrow: fn(*mut c_void) -> *mut I,
    /// For use by `&mut`: panics if somebody else has the object, too.
    borrow_mut: fn(*mut c_void) -> *mut I,
    own: unsafe fn(&Self, *mut c_void) -> Owner<I>,
}

/// What other libraries read: the beginning of every home.
#[repr(C)]
struct Public {
    /// The address of [`LIBRARY`].
    library: *const u8,
    /// [`Reach::DIGEST`] of the interface.
    description: [u8; 16],
}

/// All that can be reached through an interface: its methods, those of the interfaces that it mentions, and so on.
pub(crate) struct Reach<I: ?Sized>(PhantomData<I>);

impl<I: ?Sized + Interface> Reach<I> {
    /// A digest of all of it.
    pub(crate) const DIGEST: [u8; 16] = reach(&[I::INTERFACE]).to_le_bytes();
}

/// An interface that a host knows.
///
/// # Panics
///
/// At compile time, if it mentions two versions of one interface.
#[must_use]
pub const fn known<I: ?Sized + Interface>() -> &'static [&'static InterfaceLayout] {
    const {
        let _ = Reach::<I>::DIGEST;
        &[I::INTERFACE]
    }
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
        let public = Public { library: &raw const LIBRARY, description: Reach::<I>::DIGEST };
        Self { public, interface: TypeId::of::<I>(), borrow, borrow_mut, own }
    }
}

/// The description that an object's library has of its interface.
pub(crate) fn description_of(object: RawObject) -> [u8; 16] {
    public(object).description
}

fn public(object: RawObject) -> &'static Public {
    // SAFETY: every table points to a `Home`, a constant, which begins with this in every library.
    unsafe { &*object.vtable().home().cast::<Public>() }
}

/// The home of an object, if that is this library and knows it as an `I`.
fn home_of<I: ?Sized + Interface>(object: RawObject) -> Option<&'static Home<I>> {
    if public(object).library != &raw const LIBRARY {
        return None;
    }
    let home = object.vtable().home();
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
    home_of::<I>(object).map(|home| {
        object.uncount();
        // SAFETY: the home belongs to the object's table, and the caller gives the object up.
        unsafe { (home.own)(home, object.data()) }
    })
}
