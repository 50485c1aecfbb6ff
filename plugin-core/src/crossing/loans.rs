//! `&mut Vec<T>` and `&mut String`: moved out, lent, and moved back, also when the callee panics.

use core::mem::take;

use super::{Argument, AsIs};
use crate::abi::{RString, RVec};

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
            type Abi = &'a mut $abi;
            type Lent<'call> = &'call mut $plain;

            #[inline]
            fn send<R>(self, call: impl FnOnce(Self::Abi) -> R) -> R {
                let mut loan = Loan::<$plain, $abi>::new(self, From::from, $back);
                // SAFETY: `'a` outlives the call, and the form that is lent lives on this stack frame until `call`
                // returned; the callee lends it no longer than that (`Lent`).
                call(unsafe { &mut *(&raw mut loan.moved) })
            }

            #[inline]
            unsafe fn receive<R>(abi: Self::Abi, call: impl for<'call> FnOnce(Self::Lent<'call>) -> R) -> R {
                let mut loan = Loan::<$abi, $plain>::new(abi, $back, From::from);
                call(&mut loan.moved)
            }
        }
    )+};
}

loans! {
    [T: AsIs + 'static] Vec<T>, RVec<T>, RVec::into_vec;
    [] String, RString, RString::into_string;
}
