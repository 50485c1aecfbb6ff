//! Whether memory that one library allocated may be freed by another.
//!
//! By default it may not: each side has an allocator of its own choice, so a `Vec` or a `String` that crosses is copied
//! into the receiver's. With the feature `system-allocator` the global allocator of the whole library is
//! [`std::alloc::System`], and nothing in it can choose another: the compiler refuses a second `#[global_allocator]`. A
//! host with the feature accepts only plugins with it that were built by its own `rustc`, whose `System` is the same code over
//! the same C library. Then the memory itself goes across.

use crate::abi::{RString, RVec};

/// The allocator of this library, and of every other that it may meet.
#[cfg(feature = "system-allocator")]
#[global_allocator]
static SYSTEM: std::alloc::System = std::alloc::System;

/// Where a library's memory comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocator {
    /// Its own business.
    Own,
    /// [`std::alloc::System`], for certain.
    System,
}

impl Allocator {
    /// That of this very library.
    pub(crate) const HERE: Self = if cfg!(feature = "system-allocator") { Self::System } else { Self::Own };
}

/// The vector of another library as one of this library: without a copy where both have one allocator.
#[inline]
pub(crate) fn vec<T>(vector: RVec<T>) -> Vec<T> {
    match Allocator::HERE {
        Allocator::Own => vector.into_vec(),
        Allocator::System => {
            let mut vector = core::mem::ManuallyDrop::new(vector);
            // SAFETY: an `RVec` is made from a `Vec` by the library that allocated it, and keeps its parts. That library has
            // this one's allocator: host and plugins refuse each other otherwise.
            unsafe { Vec::from_raw_parts(vector.as_mut_ptr(), vector.len(), vector.capacity()) }
        }
    }
}

/// The text of another library as one of this library.
#[inline]
pub(crate) fn string(text: RString) -> String {
    match Allocator::HERE {
        Allocator::Own => text.into_string(),
        // SAFETY: an `RString` is UTF-8.
        Allocator::System => unsafe { String::from_utf8_unchecked(vec(text.into_bytes())) },
    }
}
