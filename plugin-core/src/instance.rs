//! Objects of another library behind an interface.

use core::{ffi::c_void, fmt, marker::PhantomData, ptr::NonNull};

use crate::{
    guard::{Outcome, PluginPanic},
    interface::{Implemented, Interface},
    vtable::{Path, Vtable},
};

/// An owned object that implements the interface `I`, made by whichever library: a real `impl Codec` for
/// `Instance<dyn Codec>`.
///
/// It is dropped by the library that made it. It has no lifetime, because libraries are never unmapped. It has no methods
/// of its own but those of the interface: all else is called as `Instance::into_raw(instance)`.
#[repr(C)]
pub struct Instance<I: ?Sized + Interface> {
    object: RawObject,
    owns: PhantomData<Box<I>>,
}

/// The object and its table, without the type of the interface.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct RawObject {
    data: NonNull<c_void>,
    vtable: Vtable,
}

impl RawObject {
    /// Drops the object.
    ///
    /// # Errors
    ///
    /// The panic, if dropping it panics.
    ///
    /// # Safety
    ///
    /// Nobody owns the object, and nobody uses it afterwards.
    pub unsafe fn destroy(self) -> Result<(), PluginPanic> {
        // SAFETY: the caller gives the object up; the function is its own library's.
        unsafe { self.vtable.drop_fn()(self.data.as_ptr()) }.into_result()
    }
}

// SAFETY: `dyn Trait: Send` says that every implementor is, in every build with the same description.
unsafe impl<I: ?Sized + Interface + Send> Send for Instance<I> {}
// SAFETY: as for `Send`.
unsafe impl<I: ?Sized + Interface + Sync> Sync for Instance<I> {}

impl<I: ?Sized + Interface> Instance<I> {
    /// Puts an object behind the interface: one allocation.
    pub fn new<T: 'static>(object: T) -> Self
    where
        I: Implemented<T>,
    {
        let data = NonNull::from(Box::leak(Box::new(object))).cast();
        Self { object: RawObject { data, vtable: I::VTABLE }, owns: PhantomData }
    }

    /// Gives up the type, and with it the duty to drop.
    #[must_use]
    pub fn into_raw(this: Self) -> RawObject {
        let object = this.object;
        core::mem::forget(this);
        object
    }

    /// The object, which this instance goes on owning.
    #[must_use]
    pub const fn as_raw(this: &Self) -> RawObject {
        this.object
    }

    /// Takes the object back.
    ///
    /// # Safety
    ///
    /// `object` came from [`into_raw`](Self::into_raw) of an instance of `I`, in a build whose description of `I` was
    /// found to fit this one's, and nobody else owns it.
    #[must_use]
    pub unsafe fn from_raw(object: RawObject) -> Self {
        Self { object, owns: PhantomData }
    }

    /// The object, for the generated methods.
    #[doc(hidden)]
    #[inline(always)]
    #[must_use]
    pub fn data(this: &Self) -> *mut c_void {
        this.object.data.as_ptr()
    }

    /// The table of `S`, which `I` has among its supertraits (or is).
    #[doc(hidden)]
    #[inline(always)]
    #[must_use]
    pub fn vtable<S: ?Sized + Interface>(this: &Self) -> Vtable {
        // SAFETY: the path was found in the description of `I`, and the table was verified to fit that description.
        unsafe { this.object.vtable.follow(const { Path::find(I::INTERFACE, S::INTERFACE) }) }
    }
}

impl<I: ?Sized + Interface> Drop for Instance<I> {
    fn drop(&mut self) {
        // SAFETY: this instance owns the object, and drops it once, by its own library's function.
        let dropped = unsafe { self.object.vtable.drop_fn()(Self::data(self)) };
        if let Err(panic) = dropped.into_result()
            && !std::thread::panicking()
        {
            panic.resume();
        }
    }
}

impl<I: ?Sized + Interface> fmt::Debug for Instance<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instance({} at {:p})", I::INTERFACE.id, self.object.data)
    }
}

/// Puts an object behind an interface, for the constructors of a plugin. For generated code.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an interface of plugins",
    label = "not an interface",
    note = "write `#[plugin_interface]` on the trait; supertraits must be interfaces, too, or `Send`, `Sync`"
)]
#[doc(hidden)]
pub trait Construct {
    /// Puts `object` behind the interface.
    fn construct<T: 'static>(object: T) -> RawObject
    where
        Self: Implemented<T>;
}

impl<I: ?Sized + Interface> Construct for I {
    fn construct<T: 'static>(object: T) -> RawObject
    where
        I: Implemented<T>,
    {
        Instance::into_raw(Instance::<I>::new(object))
    }
}

/// Drops the `T` behind `data`, guarded: what a table of `T` names.
///
/// # Safety
///
/// `data` is the object of an [`Instance::new`] of a `T` that is dropped now.
pub unsafe extern "C" fn drop_object<T>(data: *mut c_void) -> Outcome<()> {
    // SAFETY: `Instance::new` made it from a box, and the caller gives up the object.
    Outcome::of(|| drop(unsafe { Box::from_raw(data.cast::<T>()) }))
}
