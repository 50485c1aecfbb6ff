//! Ranges and their bounds.

use core::ops::{Bound, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use super::{
    Crossing,
    forms::{
        BoundForm, RangeForm, RangeFromForm, RangeFullForm, RangeInclusiveForm, RangeToForm,
        RangeToInclusiveForm,
    },
};
use crate::abi::{ROption, RResult, Tuple2};

// SAFETY: the bounds are converted.
unsafe impl<T: Crossing> Crossing for Range<T> {
    type Abi = RangeForm<T::Abi>;

    fn into_abi(self) -> Self::Abi {
        RangeForm(Tuple2(self.start.into_abi(), self.end.into_abi()))
    }

    unsafe fn from_abi(RangeForm(Tuple2(start, end)): Self::Abi) -> Self {
        // SAFETY: the caller's promise covers the bounds.
        unsafe { T::from_abi(start)..T::from_abi(end) }
    }
}

// SAFETY: the bounds are converted. Whether it was iterated to its end does not cross, as `into_inner` says.
unsafe impl<T: Crossing> Crossing for RangeInclusive<T> {
    type Abi = RangeInclusiveForm<T::Abi>;

    fn into_abi(self) -> Self::Abi {
        let (start, end) = self.into_inner();
        RangeInclusiveForm(Tuple2(start.into_abi(), end.into_abi()))
    }

    unsafe fn from_abi(RangeInclusiveForm(Tuple2(start, end)): Self::Abi) -> Self {
        // SAFETY: the caller's promise covers the bounds.
        unsafe { T::from_abi(start)..=T::from_abi(end) }
    }
}

macro_rules! half_open {
    ($($range:ident $form:ident $bound:ident;)+) => {$(
        // SAFETY: the bound is converted.
        unsafe impl<T: Crossing> Crossing for $range<T> {
            type Abi = $form<T::Abi>;

            fn into_abi(self) -> Self::Abi {
                $form(self.$bound.into_abi())
            }

            unsafe fn from_abi(abi: Self::Abi) -> Self {
                // SAFETY: the caller's promise covers the bound.
                $range { $bound: unsafe { T::from_abi(abi.0) } }
            }
        }
    )+};
}

half_open! {
    RangeFrom RangeFromForm start;
    RangeTo RangeToForm end;
    RangeToInclusive RangeToInclusiveForm end;
}

// SAFETY: nothing crosses.
unsafe impl Crossing for RangeFull {
    type Abi = RangeFullForm;

    fn into_abi(self) -> Self::Abi {
        RangeFullForm(())
    }

    unsafe fn from_abi(RangeFullForm(()): Self::Abi) -> Self {
        Self
    }
}

// SAFETY: the bound is converted.
unsafe impl<T: Crossing> Crossing for Bound<T> {
    type Abi = BoundForm<T::Abi>;

    fn into_abi(self) -> Self::Abi {
        BoundForm(match self {
            Self::Unbounded => ROption::RNone,
            Self::Included(bound) => ROption::RSome(RResult::ROk(bound.into_abi())),
            Self::Excluded(bound) => ROption::RSome(RResult::RErr(bound.into_abi())),
        })
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        match abi.0 {
            ROption::RNone => Self::Unbounded,
            // SAFETY: the caller's promise covers the bound.
            ROption::RSome(RResult::ROk(bound)) => Self::Included(unsafe { T::from_abi(bound) }),
            // SAFETY: as above.
            ROption::RSome(RResult::RErr(bound)) => Self::Excluded(unsafe { T::from_abi(bound) }),
        }
    }
}
