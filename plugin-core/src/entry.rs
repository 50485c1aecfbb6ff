//! What a generated entry does first: it takes the object and the arguments that the other side sent.
//!
//! The callee runs with what these return, so an entry has no unsafe block around the user's code.

use core::{ffi::c_void, marker::PhantomData};

use crate::{
    crossing::Argument,
    held::{CLOSURES, Counter},
    interface::Interface,
};

/// The object of a method with `&self`.
///
/// # Safety
///
/// `data` is the address of a `T` of this library, borrowed for `'a`.
#[inline(always)]
#[must_use]
pub unsafe fn object<'a, T>(data: *mut c_void) -> &'a T {
    // SAFETY: the caller vouches for type and borrow.
    unsafe { &*data.cast::<T>() }
}

/// The object of a method with `&mut self`.
///
/// # Safety
///
/// As for [`object`], and nobody else borrows it for `'a`.
#[inline(always)]
#[must_use]
pub unsafe fn object_mut<'a, T>(data: *mut c_void) -> &'a mut T {
    // SAFETY: as for `object`, and the caller vouches for being alone.
    unsafe { &mut *data.cast::<T>() }
}

/// What a call took by value: it counts as out until the call is over, because code of this library runs until then.
#[must_use]
pub struct Taken(&'static Counter);

impl Drop for Taken {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.back();
    }
}

/// The object of a method that takes it by value.
///
/// # Safety
///
/// `data` was leaked as a box of a `T` of this library, which went out as an `I`, and the caller gives it up.
#[inline(always)]
pub unsafe fn object_owned<I: ?Sized + Interface, T>(data: *mut c_void) -> (Box<T>, Taken) {
    // SAFETY: the caller's promise.
    (unsafe { Box::from_raw(data.cast::<T>()) }, Taken(I::COUNTER.get()))
}

/// A closure that is called by value.
///
/// # Safety
///
/// `data` was leaked as a box of a `T` of this library, and the caller gives it up.
#[inline(always)]
pub unsafe fn closure_owned<T>(data: *mut c_void) -> (Box<T>, Taken) {
    // SAFETY: the caller's promise.
    (unsafe { Box::from_raw(data.cast::<T>()) }, Taken(&CLOSURES))
}

/// What the other side sent as a `T`, in its FFI-safe form, until the callee gets it.
#[must_use]
pub struct Sent<T, Abi>(Abi, PhantomData<T>);

/// How an entry takes its arguments: first all that it believes, then all that it gives to the callee.
pub trait Receive: Argument {
    /// Believes that an argument was sent as this type.
    ///
    /// # Safety
    ///
    /// `abi` was made by [`Argument::send`] of this very type, whose `call` does not return before the argument is lent
    /// or dropped.
    #[inline(always)]
    unsafe fn believe(abi: Self::Abi) -> Sent<Self, Self::Abi> {
        Sent(abi, PhantomData)
    }

    /// Gives the argument to `call`: a loan for its time.
    #[inline(always)]
    fn lend<R>(sent: Sent<Self, Self::Abi>, call: impl for<'call> FnOnce(Self::Lent<'call>) -> R) -> R {
        // SAFETY: `believe` was promised that it was sent as this type, and that the sender waits for this.
        unsafe { Self::receive(sent.0, call) }
    }
}

impl<T: Argument> Receive for T {}
