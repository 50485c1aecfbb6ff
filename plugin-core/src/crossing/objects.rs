//! Objects behind interfaces: `Box<dyn I>` and `Arc<dyn I>` move, `&dyn I` and `&mut dyn I` are lent.
//!
//! An object of this library goes as an [`Erased`] with its table; one of another library, which is an [`Instance`], as
//! what it is; and one that comes home is unwrapped.

use core::{ffi::c_void, marker::PhantomData, mem::ManuallyDrop, ptr::NonNull};
use std::sync::Arc;

use super::{Crossing, as_is};
use crate::{
    erased::Erased,
    home::{Owner, Reach, at_home, at_home_mut, come_home, description_of},
    instance::{Instance, RawObject},
    interface::Interface,
    layout::{Argument as GenericArgument, StableLayout, TypeLayout},
};

// SAFETY: `repr(C)` over an address and a table, which the interface in the name describes.
unsafe impl<I: ?Sized + Interface> StableLayout for Instance<I> {
    const TYPE_LAYOUT: &'static TypeLayout =
        &TypeLayout::opaque::<Self>("Box", &[GenericArgument::Type(I::LEAF)]);
}

as_is!([I: ?Sized + Interface] Instance<I>);

/// An `Arc<dyn I>` as it crosses: one of its owners.
#[repr(transparent)]
pub struct Shared<I: ?Sized + Interface>(Instance<I>);

// SAFETY: transparent over an instance, and the name tells it from one.
unsafe impl<I: ?Sized + Interface> StableLayout for Shared<I> {
    const TYPE_LAYOUT: &'static TypeLayout =
        &TypeLayout::opaque::<Self>("Arc", &[GenericArgument::Type(I::LEAF)]);
}

/// A `&dyn I` as it crosses: for the time of a call, after which nobody has it.
#[repr(transparent)]
pub struct Lent<'a, I: ?Sized>(RawObject, PhantomData<&'a I>);

// SAFETY: transparent over `RawObject`, an address and a table, which the interface in the name describes.
unsafe impl<I: ?Sized + Interface> StableLayout for Lent<'_, I> {
    const TYPE_LAYOUT: &'static TypeLayout =
        &TypeLayout::opaque::<Self>("&dyn", &[GenericArgument::Type(I::LEAF)]);
}

/// A `&mut dyn I` as it crosses.
#[repr(transparent)]
pub struct LentMut<'a, I: ?Sized>(RawObject, PhantomData<&'a mut I>);

// SAFETY: as for `Lent`.
unsafe impl<I: ?Sized + Interface> StableLayout for LentMut<'_, I> {
    const TYPE_LAYOUT: &'static TypeLayout =
        &TypeLayout::opaque::<Self>("&mut dyn", &[GenericArgument::Type(I::LEAF)]);
}

/// The object behind a reference, if it is another library's that knows the interface as this one does.
///
/// Whoever gets it was compared with this library alone. So an object goes on as it is only if its library and this one have
/// equal descriptions of all that can be reached through the interface; else it goes as an object of this library, whose
/// methods are the ones that were compared.
///
/// A wrapper that passes the question on to the instance in it has another address or size than that.
fn foreign<I: ?Sized + Interface>(object: &I) -> Option<RawObject> {
    if size_of_val(object) != size_of::<RawObject>() || align_of_val(object) != align_of::<RawObject>() {
        return None;
    }
    let object = object.foreign()?.object::<I>((&raw const *object).cast())?;
    (description_of(object) == Reach::<I>::DIGEST).then_some(object)
}

/// Puts an object of this library behind the table that knows it as an `I`.
fn erase<I: ?Sized + Interface>(object: Erased<I>) -> Instance<I> {
    let data = NonNull::from(Box::leak(Box::new(object))).cast::<c_void>();
    I::COUNTER.get().out();
    // SAFETY: the table is that of `Erased<I>`, and nobody else has the object.
    unsafe { Instance::from_raw(RawObject::new(data, I::ERASED)) }
}

// SAFETY: the object and its table cross, and the table's functions are its library's.
unsafe impl<I: ?Sized + Interface> Crossing for Box<I> {
    type Abi = Instance<I>;

    fn into_abi(self) -> Self::Abi {
        match foreign::<I>(&self) {
            Some(object) => {
                // What is in the box is an instance, which goes on without the box.
                // SAFETY: `foreign` found an instance of that size and alignment at this very address; the memory is
                // freed, and the object in it, which has no other owner, is not dropped.
                let instance =
                    unsafe { Box::from_raw(Box::into_raw(self).cast::<ManuallyDrop<RawObject>>()) };
                object.recount(**instance);
                // SAFETY: the table is the one of `I` in the instance that owned the object.
                unsafe { Instance::from_raw(object) }
            }
            None => erase(Erased::boxed(self)),
        }
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        let object = Instance::into_raw(abi);
        // SAFETY: the instance owned the object.
        match unsafe { come_home::<I>(object) } {
            Some(Owner::Alone(object)) => object,
            // One of several owners of it is no box of it.
            Some(Owner::Shared(object)) => proxied(erase(Erased::shared(object))),
            // SAFETY: it did not come home, so it is as it was.
            None => proxied(unsafe { Instance::from_raw(object) }),
        }
    }
}

/// An instance as a box of the interface.
fn proxied<I: ?Sized + Interface>(instance: Instance<I>) -> Box<I> {
    // SAFETY: `proxy` returns what it gets, with the table of the trait beside it.
    unsafe { Box::from_raw(I::proxy(Box::into_raw(Box::new(instance)))) }
}

// SAFETY: as for `Box`; each side counts its own owners, and holds one of the other side's. `I` is `Sync`, because the only
// `Arc` of one side may become a `&mut I` that another thread uses, while the other side uses the object as well.
unsafe impl<I: ?Sized + Interface + Sync> Crossing for Arc<I> {
    type Abi = Shared<I>;

    fn into_abi(self) -> Self::Abi {
        // SAFETY: the object is borrowed from `self`, which lives until the end of this function; another owner of it has
        // the same table.
        let another = foreign::<I>(&self).and_then(|object| unsafe { object.share() });
        Shared(match another {
            // SAFETY: `share` made an owner, with the table of `I` that the proxy has.
            Some(object) => unsafe { Instance::from_raw(object) },
            None => erase(Erased::shared(self)),
        })
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        let object = Instance::into_raw(abi.0);
        // SAFETY: the instance owned the object.
        match unsafe { come_home::<I>(object) } {
            Some(Owner::Alone(object)) => Self::from(object),
            Some(Owner::Shared(object)) => object,
            None => {
                // SAFETY: it did not come home, so it is as it was.
                let instance = Arc::new(unsafe { Instance::<I>::from_raw(object) });
                // SAFETY: as in `proxied`.
                unsafe { Self::from_raw(I::proxy(Arc::into_raw(instance).cast_mut())) }
            }
        }
    }
}

/// An object of the host that plugins may keep for ever. For hosts.
pub fn share_object<I: ?Sized + Interface + Sync>(object: Arc<I>) -> RawObject {
    Instance::into_raw(object.into_abi().0)
}

/// Lends an object for the time of `call`. For generated code.
pub fn send_object<'a, I: ?Sized + Interface, R>(object: &'a I, call: impl FnOnce(Lent<'a, I>) -> R) -> R {
    match foreign(object) {
        Some(object) => call(Lent(object, PhantomData)),
        None => {
            // SAFETY: the object outlives the call, and is only used by shared reference: the other side gets a `&I`.
            let erased = unsafe { Erased::borrowed((&raw const *object).cast_mut()) };
            let data = NonNull::from(&erased).cast();
            call(Lent(RawObject::new(data, I::ERASED), PhantomData))
        }
    }
}

/// Lends an object for the time of `call`. For generated code.
pub fn send_object_mut<'a, I: ?Sized + Interface, R>(
    object: &'a mut I,
    call: impl FnOnce(LentMut<'a, I>) -> R,
) -> R {
    match foreign(object) {
        Some(object) => call(LentMut(object, PhantomData)),
        None => {
            // SAFETY: the object outlives the call, and is borrowed mutably for it.
            let mut erased = unsafe { Erased::borrowed(&raw mut *object) };
            let data = NonNull::from(&mut erased).cast();
            call(LentMut(RawObject::new(data, I::ERASED), PhantomData))
        }
    }
}

/// Takes a lent object for the time of `call`. For generated code.
///
/// # Safety
///
/// The object was lent by [`send_object`], in any library, and is still.
pub unsafe fn receive_object<I: ?Sized + Interface, R>(lent: Lent<'_, I>, call: impl FnOnce(&I) -> R) -> R {
    match at_home::<I>(lent.0) {
        // SAFETY: this library's own object, lent for longer than the call.
        Some(object) => call(unsafe { &*object }),
        None => {
            // SAFETY: the table fits the interface's description; the instance is not dropped, so it owns nothing.
            let mut instance = ManuallyDrop::new(unsafe { Instance::<I>::from_raw(lent.0) });
            // SAFETY: `proxy` returns what it gets, which lives until the end of this function.
            call(unsafe { &*I::proxy(&raw mut *instance) })
        }
    }
}

/// Takes a lent object for the time of `call`. For generated code.
///
/// # Safety
///
/// The object was lent by [`send_object_mut`], in any library, and is still.
pub unsafe fn receive_object_mut<I: ?Sized + Interface, R>(
    lent: LentMut<'_, I>,
    call: impl FnOnce(&mut I) -> R,
) -> R {
    match at_home_mut::<I>(lent.0) {
        // SAFETY: this library's own object, lent for longer than the call, and nobody else has it.
        Some(object) => call(unsafe { &mut *object }),
        None => {
            // SAFETY: as for `receive_object`.
            let mut instance = ManuallyDrop::new(unsafe { Instance::<I>::from_raw(lent.0) });
            // SAFETY: as for `receive_object`, and nobody else has it.
            call(unsafe { &mut *I::proxy(&raw mut *instance) })
        }
    }
}
