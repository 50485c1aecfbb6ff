//! How the types in a trait's signatures become FFI-safe ones and come back.
//!
//! [`Crossing`] moves values; [`Argument`] covers in addition the loans that must be given back after the call,
//! `&mut Vec<T>` and `&mut String`. Borrowed collections need elements that cross [as they are](AsIs): a `&[T]` is not
//! copied element by element.

mod addresses;
mod any;
mod collections;
mod errors;
mod forms;
pub(crate) mod growing;
mod io_errors;
mod iterators;
mod loans;
pub(crate) mod objects;
mod paths;
mod pointees;
mod promises;
mod ranges;
mod times;
mod values;

pub use any::{AnySyncValue, AnyValue};
pub use errors::StableError;

use crate::{
    abi::{RBox, RVec},
    allocation,
    layout::StableLayout,
};

/// A type that may stand in a signature of an interface.
///
/// # Safety
///
/// `Abi` has the same meaning in every build in which it has the same layout, and `from_abi` accepts whatever
/// `into_abi` of the same type made in another library.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross the boundary between a plugin and its host",
    label = "cannot cross the boundary",
    note = "own types cross with `#[derive(plugin_core::Crossing)]`; `String`, `Vec`, `Option`, `Result`, tuples and references to slices, text and own types cross by themselves",
    note = "elements of `&[T]`, `&mut [T]`, `&mut Vec<T>` and targets of `&T` must cross unchanged: pass them by value, or use the types of `plugin_core::abi`"
)]
pub unsafe trait Crossing: Sized {
    /// The FFI-safe form.
    type Abi: StableLayout;

    /// Gives the value to the other side.
    fn into_abi(self) -> Self::Abi;

    /// Takes a value from the other side.
    ///
    /// # Safety
    ///
    /// `abi` was made by [`into_abi`](Self::into_abi) of this very type, and what it borrows is still borrowed.
    unsafe fn from_abi(abi: Self::Abi) -> Self;

    /// Gives a whole vector: without a copy for types that cross as they are.
    #[doc(hidden)]
    fn vec_into_abi(values: Vec<Self>) -> RVec<Self::Abi> {
        RVec::from(values.into_iter().map(Self::into_abi).collect::<Vec<_>>())
    }

    /// Takes a whole vector: copied once, unless both libraries are known to have one allocator.
    ///
    /// # Safety
    ///
    /// As for [`from_abi`](Self::from_abi), for each element.
    #[doc(hidden)]
    unsafe fn vec_from_abi(values: RVec<Self::Abi>) -> Vec<Self> {
        // SAFETY: the caller answers for every element.
        allocation::vec(values).into_iter().map(|value| unsafe { Self::from_abi(value) }).collect()
    }
}

/// A type that crosses as it is, so that references to it and to slices of it cross, too.
///
/// # Safety
///
/// `Crossing::into_abi` and `from_abi` return what they were given.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be borrowed across the boundary between a plugin and its host",
    label = "cannot be borrowed across the boundary",
    note = "an own type needs `#[derive(plugin_core::StableLayout)]` and `#[repr(C)]` (struct) or `#[repr(u8)]` (enum)",
    note = "a type that is converted when it crosses (`String`, `Vec`, `Option`, tuples, …) is passed by value, or as its counterpart in `plugin_core::abi`",
    note = "for `&dyn Trait`, the trait needs `#[plugin_interface]`"
)]
pub unsafe trait AsIs: Crossing<Abi = Self> + StableLayout {}

/// A type that may stand as an argument: a value, or a loan.
///
/// # Safety
///
/// As for [`Crossing`]; in addition, whatever `receive` lends out ends before it returns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a plugin's function",
    label = "cannot cross the boundary",
    note = "own types cross with `#[derive(plugin_core::Crossing)]`; `String`, `Vec`, `Option`, `Result`, tuples and references to slices, text and own types cross by themselves",
    note = "elements of `&[T]`, `&mut [T]`, `&mut Vec<T>` and targets of `&T` must cross unchanged: pass them by value, or use the types of `plugin_core::abi`"
)]
pub unsafe trait Argument: Sized {
    /// The FFI-safe form.
    type Abi: StableLayout;
    /// The argument as the callee sees it: a loan lives no longer than the call.
    type Lent<'call>;

    /// Gives the argument for the time of `call`.
    fn send<R>(self, call: impl FnOnce(Self::Abi) -> R) -> R;

    /// Takes the argument for the time of `call`.
    ///
    /// # Safety
    ///
    /// `abi` was made by [`send`](Self::send) of this very type, whose `call` has not returned.
    unsafe fn receive<R>(abi: Self::Abi, call: impl for<'call> FnOnce(Self::Lent<'call>) -> R) -> R;
}

// SAFETY: forwards to `Crossing`.
unsafe impl<T: Crossing> Argument for T {
    type Abi = T::Abi;
    type Lent<'call> = T;

    #[inline]
    fn send<R>(self, call: impl FnOnce(Self::Abi) -> R) -> R {
        call(self.into_abi())
    }

    #[inline]
    unsafe fn receive<R>(abi: Self::Abi, call: impl for<'call> FnOnce(Self::Lent<'call>) -> R) -> R {
        // SAFETY: the caller's promise is `from_abi`'s.
        call(unsafe { T::from_abi(abi) })
    }
}

/// Implements [`Crossing`] and [`AsIs`] for types with a stable layout that are passed as they are.
#[doc(hidden)]
#[macro_export]
macro_rules! as_is {
    // What is no reason for anything is not listed where another type does not cross.
    ([] $path:ty) => {
        $crate::as_is!(@ [#[diagnostic::do_not_recommend]] [] $path);
    };
    ([$($generics:tt)*] $path:ty $(where $($bounds:tt)*)?) => {
        $crate::as_is!(@ [] [$($generics)*] $path $(where $($bounds)*)?);
    };
    (@ [$($attribute:tt)*] [$($generics:tt)*] $path:ty $(where $($bounds:tt)*)?) => {
        // SAFETY: the type has a stable layout, and both conversions return their argument.
        $($attribute)*
        #[allow(clippy::undocumented_unsafe_blocks, reason = "clippy does not see the comment above in an expansion")]
        unsafe impl<$($generics)*> $crate::__private::Crossing for $path $(where $($bounds)*)? {
            type Abi = Self;

            #[inline(always)]
            fn into_abi(self) -> Self {
                self
            }

            #[inline(always)]
            unsafe fn from_abi(abi: Self) -> Self {
                abi
            }

            #[inline]
            fn vec_into_abi(
                values: $crate::__private::Vec<Self>,
            ) -> $crate::abi::RVec<Self> {
                $crate::abi::RVec::from(values)
            }

            #[inline]
            unsafe fn vec_from_abi(
                values: $crate::abi::RVec<Self>,
            ) -> $crate::__private::Vec<Self> {
                $crate::__private::vec(values)
            }
        }
        // SAFETY: as above: both conversions return their argument.
        $($attribute)*
        #[allow(clippy::undocumented_unsafe_blocks, reason = "as above")]
        unsafe impl<$($generics)*> $crate::__private::AsIs for $path $(where $($bounds)*)? {}
    };
}
pub(crate) use as_is;

/// Implements [`Crossing`] for a box of a type of the user's. A box of any type would be a box of an interface, too.
#[doc(hidden)]
#[macro_export]
macro_rules! boxed {
    ([$($generics:tt)*] $path:ty $(where $($bounds:tt)*)?) => {
        // SAFETY: the contents cross as they do by themselves, in a box of the library that made it.
        #[allow(clippy::undocumented_unsafe_blocks, reason = "clippy does not see the comment above in an expansion")]
        unsafe impl<$($generics)*> $crate::__private::Crossing for $crate::__private::Box<$path> $(where $($bounds)*)? {
            type Abi = $crate::abi::RBox<<$path as $crate::__private::Crossing>::Abi>;

            #[inline]
            fn into_abi(self) -> Self::Abi {
                $crate::__private::box_into_abi(self)
            }

            #[inline]
            unsafe fn from_abi(abi: Self::Abi) -> Self {
                // SAFETY: the caller's promise.
                unsafe { $crate::__private::box_from_abi(abi) }
            }
        }
    };
}

/// Gives a box, by [`boxed!`](crate::boxed).
#[inline]
#[must_use]
#[expect(clippy::boxed_local, reason = "it is what the caller has")]
pub fn box_into_abi<T: Crossing>(value: Box<T>) -> RBox<T::Abi> {
    RBox::new((*value).into_abi())
}

/// Takes a box, by [`boxed!`](crate::boxed).
///
/// # Safety
///
/// As for [`Crossing::from_abi`], for what is in it.
#[inline]
#[must_use]
pub unsafe fn box_from_abi<T: Crossing>(abi: RBox<T::Abi>) -> Box<T> {
    // SAFETY: the caller's promise.
    Box::new(unsafe { T::from_abi(RBox::into_inner(abi)) })
}
