//! Paths and other text of the operating system, and C strings: their bytes, whatever they are.
//!
//! On Unix a path is bytes, documented (`OsStrExt`). Elsewhere its encoding is promised within one release of `rustc`
//! only, so there the release is part of the type's name (see `forms`), and two releases refuse each other's paths.

use std::{
    ffi::{CStr, CString, OsStr, OsString},
    path::{Path, PathBuf},
};

use super::{
    Crossing,
    forms::{CStrForm, CStringForm, OsStrForm, OsStringForm, PathBufForm, PathForm},
};
use crate::{
    abi::{RSlice, RVec},
    allocation,
};

#[cfg(unix)]
fn borrowed(bytes: &[u8]) -> &OsStr {
    std::os::unix::ffi::OsStrExt::from_bytes(bytes)
}

#[cfg(unix)]
fn owned(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn borrowed(bytes: &[u8]) -> &OsStr {
    // SAFETY: they are the encoded bytes of an `OsStr`, made by the same release of `rustc`: it is in the type's name.
    unsafe { OsStr::from_encoded_bytes_unchecked(bytes) }
}

#[cfg(not(unix))]
fn owned(bytes: Vec<u8>) -> OsString {
    // SAFETY: as for `borrowed`.
    unsafe { OsString::from_encoded_bytes_unchecked(bytes) }
}

// SAFETY: its bytes cross as a vector.
unsafe impl Crossing for OsString {
    type Abi = OsStringForm;

    fn into_abi(self) -> Self::Abi {
        OsStringForm(self.into_encoded_bytes().into())
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        owned(allocation::vec(abi.0))
    }
}

// SAFETY: its bytes stay borrowed, for the same lifetime.
unsafe impl<'a> Crossing for &'a OsStr {
    type Abi = OsStrForm<'a>;

    fn into_abi(self) -> Self::Abi {
        OsStrForm(RSlice::from_slice(self.as_encoded_bytes()))
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        borrowed(abi.0.as_slice())
    }
}

// SAFETY: as for `OsString`.
unsafe impl Crossing for PathBuf {
    type Abi = PathBufForm;

    fn into_abi(self) -> Self::Abi {
        PathBufForm(self.into_os_string().into_encoded_bytes().into())
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        owned(allocation::vec(abi.0)).into()
    }
}

// SAFETY: as for `&OsStr`.
unsafe impl<'a> Crossing for &'a Path {
    type Abi = PathForm<'a>;

    fn into_abi(self) -> Self::Abi {
        PathForm(RSlice::from_slice(self.as_os_str().as_encoded_bytes()))
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        Path::new(borrowed(abi.0.as_slice()))
    }
}

// SAFETY: its bytes cross as a vector, the last of them zero.
unsafe impl Crossing for CString {
    type Abi = CStringForm;

    fn into_abi(self) -> Self::Abi {
        CStringForm(RVec::from(self.into_bytes_with_nul()))
    }

    /// Ends at the first zero, wherever the sender put one.
    unsafe fn from_abi(abi: Self::Abi) -> Self {
        let mut bytes = allocation::vec(abi.0);
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        bytes.truncate(end);
        // What is before the first zero has none.
        Self::new(bytes).unwrap_or_default()
    }
}

// SAFETY: its bytes stay borrowed, for the same lifetime, the last of them zero.
unsafe impl<'a> Crossing for &'a CStr {
    type Abi = CStrForm<'a>;

    fn into_abi(self) -> Self::Abi {
        CStrForm(RSlice::from_slice(self.to_bytes_with_nul()))
    }

    /// Ends at the first zero; empty where there is none.
    unsafe fn from_abi(abi: Self::Abi) -> Self {
        CStr::from_bytes_until_nul(abi.0.as_slice()).unwrap_or_default()
    }
}
