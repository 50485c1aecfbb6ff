//! Values: what crosses as it is, and what is converted.

use core::{cmp::Ordering, marker::PhantomData, num, ptr::NonNull, time::Duration};

use super::{AsIs, Crossing, as_is};
use crate::{
    abi::{
        RArc, RBox, RDuration, ROption, RResult, RSlice, RSliceMut, RStr, RString, RVec, Tuple2, Tuple3,
        Tuple4,
    },
    allocation,
    layout::StableLayout,
};

macro_rules! all_as_is {
    ($([$($generics:tt)*] $path:ty;)+) => { $(as_is!([$($generics)*] $path);)+ };
}

all_as_is! {
    [] (); [] Ordering; [] bool; [] char; [] f32; [] f64;
    [] u8; [] u16; [] u32; [] u64; [] u128; [] usize;
    [] i8; [] i16; [] i32; [] i64; [] i128; [] isize;
    [] num::NonZeroU8; [] num::NonZeroU16; [] num::NonZeroU32; [] num::NonZeroU64; [] num::NonZeroU128;
    [] num::NonZeroUsize;
    [] num::NonZeroI8; [] num::NonZeroI16; [] num::NonZeroI32; [] num::NonZeroI64; [] num::NonZeroI128;
    [] num::NonZeroIsize;
    [T: StableLayout] *const T; [T: StableLayout] *mut T; [T: StableLayout] NonNull<T>;
    ['a, T: AsIs] &'a T; ['a, T: AsIs] &'a mut T; [T: AsIs, const N: usize] [T; N];
    [] RString; ['a] RStr<'a>; [] RDuration;
    [T: StableLayout] RVec<T>; [T: StableLayout] RBox<T>; [T: StableLayout] RArc<T>;
    ['a, T: StableLayout] RSlice<'a, T>; ['a, T: StableLayout] RSliceMut<'a, T>;
    [T: StableLayout] ROption<T>; [T: StableLayout, E: StableLayout] RResult<T, E>;
    [A: StableLayout, B: StableLayout] Tuple2<A, B>;
    [A: StableLayout, B: StableLayout, C: StableLayout] Tuple3<A, B, C>;
    [A: StableLayout, B: StableLayout, C: StableLayout, D: StableLayout] Tuple4<A, B, C, D>;
}

macro_rules! function_pointers {
    ($([$($parameter:ident)*])+) => {$(
        as_is!([R: StableLayout, $($parameter: StableLayout),*] extern "C" fn($($parameter),*) -> R);
        as_is!([R: StableLayout, $($parameter: StableLayout),*] unsafe extern "C" fn($($parameter),*) -> R);
    )+};
}

function_pointers! { [] [A] [A B] [A B C] [A B C D] [A B C D E] [A B C D E F] }

// SAFETY: a slice is two words whose elements cross as they are; the lifetime stays.
unsafe impl<'a, T: AsIs> Crossing for &'a [T] {
    type Abi = RSlice<'a, T>;

    #[inline]
    fn into_abi(self) -> Self::Abi {
        RSlice::from_slice(self)
    }

    #[inline]
    unsafe fn from_abi(abi: Self::Abi) -> Self {
        abi.as_slice()
    }
}

// SAFETY: as for the shared slice.
unsafe impl<'a, T: AsIs> Crossing for &'a mut [T] {
    type Abi = RSliceMut<'a, T>;

    #[inline]
    fn into_abi(self) -> Self::Abi {
        RSliceMut::from_mut_slice(self)
    }

    #[inline]
    unsafe fn from_abi(abi: Self::Abi) -> Self {
        abi.into_mut_slice()
    }
}

// SAFETY: text is a slice of bytes that the type keeps valid UTF-8.
unsafe impl<'a> Crossing for &'a str {
    type Abi = RStr<'a>;

    #[inline]
    fn into_abi(self) -> Self::Abi {
        RStr::from_str(self)
    }

    #[inline]
    unsafe fn from_abi(abi: Self::Abi) -> Self {
        abi.as_str()
    }
}

// SAFETY: moved with its allocator; the receiver copies it where its own differs.
unsafe impl Crossing for String {
    type Abi = RString;

    #[inline]
    fn into_abi(self) -> Self::Abi {
        self.into()
    }

    #[inline]
    unsafe fn from_abi(abi: Self::Abi) -> Self {
        allocation::string(abi)
    }
}

// SAFETY: as for `String`, element by element where elements are converted.
unsafe impl<T: Crossing> Crossing for Vec<T> {
    type Abi = RVec<T::Abi>;

    #[inline]
    fn into_abi(self) -> Self::Abi {
        T::vec_into_abi(self)
    }

    #[inline]
    unsafe fn from_abi(abi: Self::Abi) -> Self {
        // SAFETY: the caller's promise covers the elements.
        unsafe { T::vec_from_abi(abi) }
    }
}

// SAFETY: converts what is inside.
unsafe impl<T: Crossing> Crossing for Option<T> {
    type Abi = ROption<T::Abi>;

    #[inline]
    fn into_abi(self) -> Self::Abi {
        self.map(T::into_abi).into()
    }

    #[inline]
    unsafe fn from_abi(abi: Self::Abi) -> Self {
        // SAFETY: the caller's promise covers what is inside.
        abi.into_option().map(|value| unsafe { T::from_abi(value) })
    }
}

// SAFETY: converts what is inside.
unsafe impl<T: Crossing, E: Crossing> Crossing for Result<T, E> {
    type Abi = RResult<T::Abi, E::Abi>;

    #[inline]
    fn into_abi(self) -> Self::Abi {
        match self {
            Ok(value) => RResult::ROk(value.into_abi()),
            Err(error) => RResult::RErr(error.into_abi()),
        }
    }

    #[inline]
    unsafe fn from_abi(abi: Self::Abi) -> Self {
        match abi {
            // SAFETY: the caller's promise covers what is inside.
            RResult::ROk(value) => Ok(unsafe { T::from_abi(value) }),
            // SAFETY: as above.
            RResult::RErr(error) => Err(unsafe { E::from_abi(error) }),
        }
    }
}

// SAFETY: nothing crosses.
unsafe impl<T: Crossing> Crossing for PhantomData<T> {
    type Abi = PhantomData<T::Abi>;

    #[inline]
    fn into_abi(self) -> Self::Abi {
        PhantomData
    }

    #[inline]
    unsafe fn from_abi(_: Self::Abi) -> Self {
        Self
    }
}

// SAFETY: seconds and nanoseconds, both ways.
unsafe impl Crossing for Duration {
    type Abi = RDuration;

    #[inline]
    fn into_abi(self) -> Self::Abi {
        self.into()
    }

    #[inline]
    unsafe fn from_abi(abi: Self::Abi) -> Self {
        abi.into()
    }
}

macro_rules! tuples {
    ($($abi:ident($($name:ident $value:ident),+);)+) => {$(
        // SAFETY: converts what is inside.
        unsafe impl<$($name: Crossing),+> Crossing for ($($name,)+) {
            type Abi = $abi<$($name::Abi),+>;

            #[inline]
            fn into_abi(self) -> Self::Abi {
                let ($($value,)+) = self;
                $abi($($value.into_abi()),+)
            }

            #[inline]
            unsafe fn from_abi(abi: Self::Abi) -> Self {
                let $abi($($value),+) = abi;
                // SAFETY: the caller's promise covers what is inside.
                unsafe { ($($name::from_abi($value),)+) }
            }
        }
    )+};
}

tuples! {
    Tuple2(A a, B b);
    Tuple3(A a, B b, C c);
    Tuple4(A a, B b, C c, D d);
}
