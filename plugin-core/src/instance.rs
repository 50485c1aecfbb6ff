//! Objects of another library behind an interface.

use core::{any::TypeId, ffi::c_void, fmt, marker::PhantomData, ptr::NonNull};

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
pub struct Instance<I: ?Sized> {
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
    /// An object and the table of its type.
    pub(crate) const fn new(data: NonNull<c_void>, vtable: Vtable) -> Self {
        Self { data, vtable }
    }

    pub(crate) const fn data(self) -> *mut c_void {
        self.data.as_ptr()
    }

    pub(crate) const fn vtable(self) -> Vtable {
        self.vtable
    }

    /// Counts the object no longer among those that its library gave away: for hosts, of what they keep for the plugin.
    #[doc(hidden)]
    pub fn uncount(self) {
        self.vtable.counter().get().back();
    }

    /// Counts the object again, before its host gives it up.
    #[doc(hidden)]
    pub fn count(self) {
        self.vtable.counter().get().out();
    }

    /// Counts the object where `self` says, in place of where `before` did.
    pub(crate) fn recount(self, before: Self) {
        self.vtable.counter().take_over(before.vtable.counter());
    }

    /// Another owner of the same object, if it is one that several may own.
    ///
    /// # Safety
    ///
    /// The object lives.
    pub(crate) unsafe fn share(self) -> Option<Self> {
        let share = self.vtable.share_fn()?;
        // SAFETY: the function is the table's, and the caller vouches for the object.
        let data = NonNull::new(unsafe { share(self.data()) })?;
        Some(Self { data, vtable: self.vtable })
    }

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

// These ask for no `Interface`, nor does the type: where a future holds an instance, the compiler asks for every lifetime
// whether `dyn Trait` is one, and only `dyn Trait + 'static` is.
// SAFETY: `dyn Trait: Send` says that every implementor is, in every build with the same description.
unsafe impl<I: ?Sized + Send> Send for Instance<I> {}
// SAFETY: as for `Send`.
unsafe impl<I: ?Sized + Sync> Sync for Instance<I> {}

impl<I: ?Sized> Instance<I> {
    /// Puts an object behind the interface: one allocation.
    pub fn new<T: 'static>(object: T) -> Self
    where
        I: Implemented<T>,
    {
        let data = NonNull::from(Box::leak(Box::new(object))).cast();
        I::COUNTER.get().out();
        Self { object: RawObject { data, vtable: I::VTABLE }, owns: PhantomData }
    }
}

impl<I: ?Sized + Interface> Instance<I> {
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

    /// A reference to an object as one to an instance of it.
    ///
    /// # Safety
    ///
    /// As for [`from_raw`](Self::from_raw), but that nobody drops the object while the reference is used.
    pub(crate) unsafe fn from_ref(object: &RawObject) -> &Self {
        // SAFETY: an instance is its object, by `repr(C)`, and the caller vouches for the interface.
        unsafe { &*core::ptr::from_ref(object).cast::<Self>() }
    }

    /// The object, for the generated methods.
    #[doc(hidden)]
    #[inline(always)]
    #[must_use]
    pub fn data(this: &Self) -> *mut c_void {
        this.object.data.as_ptr()
    }

    /// The object, for the generated methods of `S` that take it by value.
    #[doc(hidden)]
    #[inline(always)]
    #[must_use]
    pub fn into_data<S: ?Sized + Interface>(this: Self) -> *mut c_void {
        if const { !Path::find(I::INTERFACE, S::INTERFACE).is_empty() } {
            // The entry behind the table of `S` takes the object home as one of `S`.
            RawObject::new(this.object.data, Self::vtable::<S>(&this)).recount(this.object);
        }
        Self::into_raw(this).data()
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

impl<I: ?Sized> Drop for Instance<I> {
    fn drop(&mut self) {
        // SAFETY: this instance owns the object, and drops it once, by its own library's function.
        unsafe { self.object.vtable.drop_fn()(self.object.data()) }.resume_drop();
    }
}

impl<I: ?Sized + Interface> fmt::Debug for Instance<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instance({} at {:p})", I::INTERFACE.id, self.object.data)
    }
}

/// The object of an instance, for whoever has it as a `&dyn Trait` and asks. For generated code.
#[doc(hidden)]
pub struct Foreign<'a> {
    object: RawObject,
    /// The interface whose table the object comes with.
    interface: TypeId,
    /// The instance itself.
    at: *const c_void,
    borrow: PhantomData<&'a RawObject>,
}

impl<'a> Foreign<'a> {
    /// The object of an instance, with the table of `I`, which it has among its supertraits (or is).
    #[must_use]
    pub fn of<I: ?Sized + Interface, F: ?Sized + Interface>(instance: &'a Instance<F>) -> Self {
        let object = RawObject { data: instance.object.data, vtable: Instance::vtable::<I>(instance) };
        Self { object, interface: TypeId::of::<I>(), at: (&raw const *instance).cast(), borrow: PhantomData }
    }

    /// The object as an `I`, if it is that, and if it belongs to the instance at `place`.
    pub(crate) fn object<I: ?Sized + Interface>(&self, place: *const c_void) -> Option<RawObject> {
        (self.interface == TypeId::of::<I>() && core::ptr::eq(self.at, place)).then_some(self.object)
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

/// Drops the `T` behind `data`, guarded: what a table of `I` for a `T` names.
///
/// # Safety
///
/// `data` is the object of an [`Instance::new`] of a `T` that is dropped now.
pub(crate) unsafe extern "C" fn drop_object<I, T>(data: *mut c_void) -> Outcome<()>
where
    I: ?Sized + Interface,
{
    // SAFETY: `Instance::new` made it from a box, and the caller gives up the object.
    let dropped = Outcome::of(|| drop(unsafe { Box::from_raw(data.cast::<T>()) }));
    I::COUNTER.get().back();
    dropped
}
