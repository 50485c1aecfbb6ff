//! Text and slices in a `Box`, an `Arc` or a `Cow`.

use std::{borrow::Cow, sync::Arc};

use super::{
    AsIs, Crossing,
    forms::{BoxedSlice, BoxedStr, CowSlice, CowStr, SharedSlice, SharedStr},
};
use crate::{
    abi::{RResult, RSlice, RStr, RString},
    allocation,
};

// SAFETY: crosses as a vector.
unsafe impl<T: Crossing> Crossing for Box<[T]> {
    type Abi = BoxedSlice<T::Abi>;

    fn into_abi(self) -> Self::Abi {
        BoxedSlice(T::vec_into_abi(self.into()))
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        // SAFETY: the caller's promise covers the elements.
        unsafe { T::vec_from_abi(abi.0) }.into()
    }
}

// SAFETY: crosses as a `String`.
unsafe impl Crossing for Box<str> {
    type Abi = BoxedStr;

    fn into_abi(self) -> Self::Abi {
        BoxedStr(self.into_string().into())
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        allocation::string(abi.0).into()
    }
}

// SAFETY: copies of the elements cross as a vector: other owners keep theirs.
unsafe impl<T: Crossing + Clone> Crossing for Arc<[T]> {
    type Abi = SharedSlice<T::Abi>;

    fn into_abi(self) -> Self::Abi {
        SharedSlice(T::vec_into_abi(self.to_vec()))
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        // SAFETY: the caller's promise covers the elements.
        unsafe { T::vec_from_abi(abi.0) }.into()
    }
}

// SAFETY: a copy of the text crosses: other owners keep theirs.
unsafe impl Crossing for Arc<str> {
    type Abi = SharedStr;

    fn into_abi(self) -> Self::Abi {
        SharedStr(RString::from(&*self))
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        abi.0.as_str().into()
    }
}

// SAFETY: borrowed text stays borrowed, for the same lifetime; owned text crosses as a `String`.
unsafe impl<'a> Crossing for Cow<'a, str> {
    type Abi = CowStr<'a>;

    fn into_abi(self) -> Self::Abi {
        CowStr(match self {
            Cow::Borrowed(text) => RResult::RErr(RStr::from_str(text)),
            Cow::Owned(text) => RResult::ROk(text.into()),
        })
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        match abi.0 {
            RResult::RErr(text) => Cow::Borrowed(text.as_str()),
            RResult::ROk(text) => Cow::Owned(allocation::string(text)),
        }
    }
}

// SAFETY: borrowed elements stay borrowed, for the same lifetime, and cross as they are; owned ones cross as a vector.
unsafe impl<'a, T: AsIs + Clone> Crossing for Cow<'a, [T]> {
    type Abi = CowSlice<'a, T>;

    fn into_abi(self) -> Self::Abi {
        CowSlice(match self {
            Cow::Borrowed(values) => RResult::RErr(RSlice::from_slice(values)),
            Cow::Owned(values) => RResult::ROk(T::vec_into_abi(values)),
        })
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        match abi.0 {
            RResult::RErr(values) => Cow::Borrowed(values.as_slice()),
            // SAFETY: the caller's promise covers the elements.
            RResult::ROk(values) => Cow::Owned(unsafe { T::vec_from_abi(values) }),
        }
    }
}
