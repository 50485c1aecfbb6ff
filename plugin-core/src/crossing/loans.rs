//! `&mut Vec<T>` and `&mut String`: moved out, lent, and moved back, also when the callee panics.

use core::mem::take;

use super::{Argument, AsIs};
use crate::{
    abi::{RString, RVec},
    allocation,
    layout::{Argument as GenericArgument, StableLayout, TypeLayout},
};

/// A loan as it crosses. It is a type of its own, because an `&mut RVec<T>` is the caller's value for all of its
/// lifetime, and this is on the caller's stack for the time of the call: the one must never be taken for the other.
#[repr(transparent)]
pub struct OnLoan<'a, T>(&'a mut T);

// SAFETY: transparent over a reference, and the name tells it from one.
unsafe impl<T: StableLayout> StableLayout for OnLoan<'_, T> {
    const TYPE_LAYOUT: &'static TypeLayout =
        &TypeLayout::opaque::<Self>("lent", &[GenericArgument::Type(T::TYPE_LAYOUT)]);
}

/// An owner that moves into another form for the time of a call and returns by `Drop`, whatever happens between.
struct Loan<'a, From: Default, To: Default> {
    owner: &'a mut From,
    moved: To,
    back: fn(To) -> From,
}

impl<'a, From: Default, To: Default> Loan<'a, From, To> {
    #[inline]
    fn new(owner: &'a mut From, there: fn(From) -> To, back: fn(To) -> From) -> Self {
        let moved = there(take(owner));
        Self { owner, moved, back }
    }
}

impl<From: Default, To: Default> Drop for Loan<'_, From, To> {
    #[inline]
    fn drop(&mut self) {
        *self.owner = (self.back)(take(&mut self.moved));
    }
}

macro_rules! loans {
    ($([$($generics:tt)*] $plain:ty, $abi:ty, $back:path;)+) => {$(
        // SAFETY: the callee gets the caller's value itself, moved; it comes back before `send` returns.
        unsafe impl<'a, $($generics)*> Argument for &'a mut $plain {
            type Abi = OnLoan<'a, $abi>;
            type Lent<'call> = &'call mut $plain;

            #[inline]
            fn send<R>(self, call: impl FnOnce(Self::Abi) -> R) -> R {
                let mut loan = Loan::<$plain, $abi>::new(self, From::from, $back);
                // SAFETY: the form that is lent lives on this stack frame until `call` returned. Only `receive` below takes
                // an `OnLoan` apart, and lends what is in it for the time of its own call: nobody has it for `'a`.
                call(OnLoan(unsafe { &mut *(&raw mut loan.moved) }))
            }

            #[inline]
            unsafe fn receive<R>(abi: Self::Abi, call: impl for<'call> FnOnce(Self::Lent<'call>) -> R) -> R {
                let mut loan = Loan::<$abi, $plain>::new(abi.0, $back, From::from);
                call(&mut loan.moved)
            }
        }
    )+};
}

loans! {
    [T: AsIs + 'static] Vec<T>, RVec<T>, allocation::vec;
    [] String, RString, allocation::string;
}
