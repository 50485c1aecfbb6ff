//! Exported functions, found by name and believed.

use std::{ffi::c_void, mem::ManuallyDrop, path::Path, ptr};

use abi_stable::std_types::{RResult, RSlice, RStr, RString, RVec};
use libloading::Library;

use crate::Outcome;

/// The functions of the library `raw`.
pub(crate) struct Raw {
    /// What they are called on. They have nothing there, but what is called does not know that.
    pub(crate) this: *const c_void,
    pub(crate) add: extern "C" fn(*const c_void, u64, u64) -> u64,
    pub(crate) mix: extern "C" fn(*const c_void, u64) -> u64,
    pub(crate) text: extern "C" fn(*const c_void, RStr<'_>) -> RString,
    pub(crate) bytes: extern "C" fn(*const c_void, RSlice<'_, u8>) -> RVec<u8>,
    pub(crate) length: extern "C" fn(*const c_void, RStr<'_>, RSlice<'_, u8>) -> u64,
    pub(crate) append: extern "C" fn(*const c_void, &mut RVec<u8>, RSlice<'_, u8>),
    pub(crate) checked: extern "C" fn(*const c_void, RSlice<'_, u8>) -> RResult<RVec<u8>, u64>,
    pub(crate) allocations: extern "C" fn() -> u64,
}

impl Raw {
    pub(crate) fn load(path: &Path) -> Outcome<Self> {
        // SAFETY: built from this repository, without constructors of its own; never closed.
        let library = ManuallyDrop::new(unsafe { Library::new(path) }?);
        // SAFETY: each function is declared there with the type of its field here.
        unsafe {
            Ok(Self {
                this: ptr::null(),
                add: *library.get(b"raw_add\0")?,
                mix: *library.get(b"raw_mix\0")?,
                text: *library.get(b"raw_text\0")?,
                bytes: *library.get(b"raw_bytes\0")?,
                length: *library.get(b"raw_length\0")?,
                append: *library.get(b"raw_append\0")?,
                checked: *library.get(b"raw_checked\0")?,
                allocations: *library.get(b"raw_allocations\0")?,
            })
        }
    }
}
