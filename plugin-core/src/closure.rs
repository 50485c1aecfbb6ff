//! Closures as they cross: the address of one, and the function that calls it.

use core::{ffi::c_void, marker::PhantomData, mem::ManuallyDrop, ptr::NonNull};

use crate::{
    guard::Outcome,
    held::CLOSURES,
    layout::{Argument, Declaration, Shape, StableLayout, TypeLayout},
    vtable::{DropFn, Slot},
};

/// The type of a closure in a signature. The macros implement it, for one type at each place where a closure stands.
///
/// # Safety
///
/// `LAYOUT` describes pointer, trait and signature of the closure, and `Object` is its trait object type.
pub unsafe trait Closure {
    /// `dyn Fn(…) -> …`, with what it promises beside.
    type Object: ?Sized;

    /// The description.
    const LAYOUT: &'static TypeLayout;
}

/// A closure of whichever library, lent or owned.
#[repr(C)]
pub struct Callback<C: Closure> {
    data: NonNull<c_void>,
    /// Takes `data` and the arguments.
    call: Slot,
    /// Drops a closure that is owned.
    drop: Option<DropFn>,
    closure: PhantomData<C>,
}

// SAFETY: the closure is `Send` where its trait object is, on both sides: that is in its description. One in an `Arc` is
// `Sync` as well then, which the macro asks for.
unsafe impl<C: Closure> Send for Callback<C> where C::Object: Send {}
// SAFETY: as for `Send`.
unsafe impl<C: Closure> Sync for Callback<C> where C::Object: Sync {}

// SAFETY: `repr(C)`, and the description says which closures are meant.
unsafe impl<C: Closure> StableLayout for Callback<C> {
    const TYPE_LAYOUT: &'static TypeLayout = C::LAYOUT;
}

impl<C: Closure> Callback<C> {
    /// Lends a closure, given by the address of the reference to it.
    pub const fn lend<F>(closure: &F, call: Slot) -> Self {
        let data = NonNull::from_ref(closure).cast();
        Self { data, call, drop: None, closure: PhantomData }
    }

    /// Lends a closure to be called alone.
    pub const fn lend_mut<F>(closure: &mut F, call: Slot) -> Self {
        let data = NonNull::from_mut(closure).cast();
        Self { data, call, drop: None, closure: PhantomData }
    }

    /// Gives a closure away, with the `Box` or `Arc` that it is in.
    pub fn own<F: 'static>(closure: F, call: Slot) -> Self {
        let data = NonNull::from(Box::leak(Box::new(closure))).cast();
        CLOSURES.out();
        Self { data, call, drop: Some(drop_closure::<F>), closure: PhantomData }
    }

    /// What a call takes first.
    #[must_use]
    pub const fn data(&self) -> *mut c_void {
        self.data.as_ptr()
    }

    /// The function that calls it.
    #[must_use]
    pub const fn slot(&self) -> Slot {
        self.call
    }

    /// What a call takes that ends the closure: from here on the call owns it.
    #[must_use]
    pub fn into_data(self) -> *mut c_void {
        ManuallyDrop::new(self).data()
    }
}

impl<C: Closure> Drop for Callback<C> {
    fn drop(&mut self) {
        let Some(drop) = self.drop else { return };
        // SAFETY: an owned closure is dropped once, by its own library's function: `into_data` keeps this from running.
        unsafe { drop(self.data()) }.resume_drop();
    }
}

/// Drops an owned closure, guarded.
///
/// # Safety
///
/// `data` is of a [`Callback::own`] of an `F` that is dropped now.
unsafe extern "C" fn drop_closure<F>(data: *mut c_void) -> Outcome<()> {
    // SAFETY: `own` made it from a box, and the caller gives it up.
    let dropped = Outcome::of(|| drop(unsafe { Box::from_raw(data.cast::<F>()) }));
    CLOSURES.back();
    dropped
}

impl TypeLayout {
    /// Describes a closure: `&dyn Fn` with a signature, for one.
    #[doc(hidden)]
    #[must_use]
    pub const fn closure<T>(
        name: &'static str,
        lifetimes: &'static str,
        signature: &'static [Argument],
    ) -> Self {
        let declaration = Declaration { origin: "", lifetimes, is_transparent: false, growth: None };
        Self::declared(declaration, name, signature, size_of::<T>(), align_of::<T>(), Shape::Opaque)
    }
}
