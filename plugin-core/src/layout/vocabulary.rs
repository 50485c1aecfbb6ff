//! Layouts of the `abi_stable` vocabulary: leaves, since the pinned version fixes what is inside.
//!
//! They carry the names that people write in interfaces, because `String` and `RString` are one type at the boundary.

use super::{Argument, StableLayout, TypeLayout};
use crate::abi::{
    RArc, RBox, RDuration, ROption, RResult, RSlice, RSliceMut, RStr, RString, RVec, Tuple1, Tuple2, Tuple3,
    Tuple4,
};

macro_rules! vocabulary {
    ($($name:literal = [$($generics:tt)*] $path:ty $(: $($argument:ident),+)?;)+) => {$(
        // SAFETY: `repr(C)` or `repr(transparent)` in the version of `abi_stable` that the ABI format pins.
        unsafe impl<$($generics)*> StableLayout for $path {
            const TYPE_LAYOUT: &'static TypeLayout =
                &TypeLayout::opaque::<Self>($name, &[$($(Argument::Type($argument::TYPE_LAYOUT)),+)?]);
        }
    )+};
}

vocabulary! {
    "String" = [] RString;
    "&str" = ['a] RStr<'a>;
    "Duration" = [] RDuration;
    "&[]" = ['a, T: StableLayout] RSlice<'a, T>: T;
    "&mut []" = ['a, T: StableLayout] RSliceMut<'a, T>: T;
    "Vec" = [T: StableLayout] RVec<T>: T;
    "Box" = [T: StableLayout] RBox<T>: T;
    "Arc" = [T: StableLayout] RArc<T>: T;
    "Option" = [T: StableLayout] ROption<T>: T;
    "Result" = [T: StableLayout, E: StableLayout] RResult<T, E>: T, E;
    "tuple" = [A: StableLayout] Tuple1<A>: A;
    "tuple" = [A: StableLayout, B: StableLayout] Tuple2<A, B>: A, B;
    "tuple" = [A: StableLayout, B: StableLayout, C: StableLayout] Tuple3<A, B, C>: A, B, C;
    "tuple" = [A: StableLayout, B: StableLayout, C: StableLayout, D: StableLayout] Tuple4<A, B, C, D>: A, B, C, D;
}
