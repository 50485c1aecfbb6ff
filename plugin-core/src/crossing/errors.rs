//! `Box<dyn Error>`: the error stays in the library that made it, and the other side asks it for its texts and sources.
//!
//! An error that comes home is the very box that left, so `downcast_ref` works on it as ever. Elsewhere it is a
//! [`Foreign`], whose chain of [`Link`]s stands for the error's chain of sources. What both sides know by its description,
//! [`StableError`] finds on either.

mod stable;

use core::{
    ffi::c_void,
    fmt::{self, Write as _},
    marker::PhantomData,
    mem::{ManuallyDrop, transmute},
    ptr::NonNull,
};
use std::error::Error;

pub use stable::StableError;

use super::{
    Crossing,
    promises::{Plain, Sendable, Shared},
};
use crate::{
    abi::RString,
    guard::Outcome,
    held::ERRORS,
    layout::{Fingerprint, StableLayout, TypeLayout},
};

/// How many sources of an error the other side sees: a chain need not end.
const MAX_SOURCES: usize = 64;

/// What an error's library does for the other side. Its address says which library that is.
#[repr(C)]
struct Table {
    /// How many sources the chain has, up to [`MAX_SOURCES`].
    sources: unsafe extern "C" fn(NonNull<c_void>) -> Outcome<usize>,
    /// The text of the error or of one of its sources, in one of the [`Text`]s.
    text: unsafe extern "C" fn(NonNull<c_void>, usize, u8) -> Outcome<RString>,
    /// The address of the [`StableError`]'s content that stands there, if it has that fingerprint; else null.
    stable: unsafe extern "C" fn(NonNull<c_void>, usize, Halves) -> Outcome<*const c_void>,
    /// Drops the error.
    drop: unsafe extern "C" fn(NonNull<c_void>) -> Outcome<()>,
}

/// This library's own: a static, so that no other table has its address.
static TABLE: Table = Table { sources, text, stable: stable_content, drop: drop_error };

/// The texts of an error, by the numbers that cross.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Text {
    Display = 0,
    Debug = 1,
    /// `{:#}`
    AlternateDisplay = 2,
    /// `{:#?}`
    AlternateDebug = 3,
}

/// An error of one of the libraries, without its owner: an address of a `Box<dyn Error>`, and the library's functions.
#[repr(C)]
#[derive(Clone, Copy)]
struct Raw {
    data: NonNull<c_void>,
    table: *const Table,
}

/// An owned error as it crosses; `K` is what it is beyond an error.
#[repr(transparent)]
pub struct ErrorForm<K> {
    raw: Raw,
    kind: PhantomData<K>,
}

impl<K> Drop for ErrorForm<K> {
    fn drop(&mut self) {
        // SAFETY: this is the error's one owner, and the function is its own library's.
        let dropped = unsafe { ((*self.raw.table).drop)(self.raw.data) };
        dropped.resume_drop();
    }
}

impl<K> ErrorForm<K> {
    /// Gives up the duty to drop.
    fn into_raw(self) -> Raw {
        ManuallyDrop::new(self).raw
    }
}

/// An error of another library.
///
/// The sources are asked for as the error is, so they are no owners, and live no longer than this.
struct Foreign<K> {
    error: Link,
    owner: ErrorForm<K>,
}

/// An error, or one of its sources, in another library.
struct Link {
    raw: Raw,
    /// How many sources lie before this one.
    depth: usize,
    source: Option<Box<Link>>,
}

// SAFETY: `K` is `Send` if the errors that it stands for are, and the links go with their owner.
unsafe impl<K: Send> Send for Foreign<K> {}
// SAFETY: as for `Send`: whatever a shared link does is done with a shared error.
unsafe impl<K: Sync> Sync for Foreign<K> {}

impl Link {
    fn new(raw: Raw, depth: usize, sources: usize) -> Self {
        let source = (depth < sources).then(|| Box::new(Self::new(raw, depth + 1, sources)));
        Self { raw, depth, source }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, plain: Text, alternate: Text) -> fmt::Result {
        let text = if f.alternate() { alternate } else { plain };
        // SAFETY: the owner of this link has the error.
        let outcome = unsafe { ((*self.raw.table).text)(self.raw.data, self.depth, text as u8) };
        match outcome.into_result() {
            Ok(text) => f.write_str(&text),
            Err(panic) => panic.resume(),
        }
    }

    /// The content of the [`StableError`] that this stands for.
    fn stable<E: StableLayout>(&self) -> Option<&E> {
        let wanted = halves(const { E::TYPE_LAYOUT.whole_fingerprint() });
        // SAFETY: the owner of this link has the error.
        let outcome = unsafe { ((*self.raw.table).stable)(self.raw.data, self.depth, wanted) };
        match outcome.into_result() {
            // SAFETY: null, or of a type with the description of `E`, which may be used as an `E`; it lives as long as the
            // error, which the owner of this link has.
            Ok(address) => unsafe { address.cast::<E>().as_ref() },
            Err(panic) => panic.resume(),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, Text::Display, Text::AlternateDisplay)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, Text::Debug, Text::AlternateDebug)
    }
}

impl Error for Link {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl<K> fmt::Display for Foreign<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl<K> fmt::Debug for Foreign<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
    }
}

impl<K> Error for Foreign<K> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// Gives an error away: a foreign one as what it stands for.
fn give(error: Box<dyn Error>) -> Raw {
    fn unwrap<K: 'static>(error: Box<dyn Error>) -> Result<Raw, Box<dyn Error>> {
        error.downcast::<Foreign<K>>().map(|foreign| foreign.owner.into_raw())
    }
    unwrap::<Plain>(error).or_else(unwrap::<Sendable>).or_else(unwrap::<Shared>).unwrap_or_else(|error| {
        let data = NonNull::from(Box::leak(Box::new(error))).cast();
        ERRORS.out();
        Raw { data, table: &raw const TABLE }
    })
}

/// Takes an error: one that comes home as what it was.
fn take<K>(form: ErrorForm<K>) -> Result<Box<dyn Error>, Foreign<K>> {
    if core::ptr::eq(form.raw.table, &raw const TABLE) {
        ERRORS.back();
        // SAFETY: this library's table goes with what `give` leaked, and `form` was its owner.
        return Ok(*unsafe { Box::from_raw(form.into_raw().data.cast::<Box<dyn Error>>().as_ptr()) });
    }
    // SAFETY: the form owns the error.
    let sources = unsafe { ((*form.raw.table).sources)(form.raw.data) };
    match sources.into_result() {
        Ok(sources) => Err(Foreign { error: Link::new(form.raw, 0, sources.min(MAX_SOURCES)), owner: form }),
        Err(panic) => panic.resume(),
    }
}

macro_rules! errors {
    ($($kind:ident $name:literal $error:ty;)+) => {$(
        // SAFETY: transparent over an address and a table, which `ABI_FORMAT` stands for; the name is that of no other.
        unsafe impl StableLayout for ErrorForm<$kind> {
            const TYPE_LAYOUT: &'static TypeLayout = &TypeLayout::opaque::<Self>($name, &[]);
        }

        // SAFETY: the error and its library's functions cross.
        unsafe impl Crossing for Box<$error> {
            type Abi = ErrorForm<$kind>;

            fn into_abi(self) -> Self::Abi {
                ErrorForm { raw: give(self), kind: PhantomData }
            }

            unsafe fn from_abi(abi: Self::Abi) -> Self {
                match take(abi) {
                    // SAFETY: it was given as an error with these auto traits: `into_abi` took it from such a box, or from
                    // a `Foreign` in one, which has them only if its form has. Trait objects that differ in auto traits
                    // have the same representation (the standard library's `downcast` relies on it).
                    Ok(error) => unsafe { transmute::<Box<dyn Error>, Self>(error) },
                    Err(foreign) => Box::new(foreign),
                }
            }
        }
    )+};
}

errors! {
    Plain "Box<dyn Error>" dyn Error;
    Sendable "Box<dyn Error + Send>" dyn Error + Send;
    Shared "Box<dyn Error + Send + Sync>" dyn Error + Send + Sync;
}

/// # Safety
///
/// `data` is of a [`Raw`] of this library, and its owner lends it for `'a`.
unsafe fn at<'a>(data: NonNull<c_void>, depth: usize) -> Option<&'a (dyn Error + 'static)> {
    // SAFETY: `give` leaked a box of this type; the caller vouches for the borrow.
    let mut error: &'a (dyn Error + 'static) = &**unsafe { data.cast::<Box<dyn Error>>().as_ref() };
    for _ in 0..depth {
        error = error.source()?;
    }
    Some(error)
}

/// # Safety
///
/// `data` is of a [`Raw`] of this library, and is borrowed.
unsafe extern "C" fn sources(data: NonNull<c_void>) -> Outcome<usize> {
    Outcome::of(|| {
        // SAFETY: the caller's promise.
        let mut last = unsafe { at(data, 0) };
        let mut count = 0;
        while let Some(source) = last.and_then(Error::source)
            && count < MAX_SOURCES
        {
            last = Some(source);
            count += 1;
        }
        count
    })
}

/// # Safety
///
/// As for [`sources`].
unsafe extern "C" fn text(data: NonNull<c_void>, depth: usize, text: u8) -> Outcome<RString> {
    Outcome::of(|| {
        let mut written = String::new();
        // SAFETY: the caller's promise.
        if let Some(error) = unsafe { at(data, depth) } {
            // An error that fails to show itself is shown as far as it came.
            let _ = match text {
                1 => write!(written, "{error:?}"),
                2 => write!(written, "{error:#}"),
                3 => write!(written, "{error:#?}"),
                _ => write!(written, "{error}"),
            };
        }
        written.into()
    })
}

/// # Safety
///
/// As for [`sources`].
unsafe extern "C" fn stable_content(
    data: NonNull<c_void>,
    depth: usize,
    wanted: Halves,
) -> Outcome<*const c_void> {
    Outcome::of(|| {
        // SAFETY: the caller's promise.
        let error = unsafe { at(data, depth) }.and_then(|error| error.downcast_ref::<StableError>());
        error.map_or(core::ptr::null(), |error| error.content(wanted))
    })
}

/// # Safety
///
/// `data` is of a [`Raw`] of this library, whose owner gives it up.
unsafe extern "C" fn drop_error(data: NonNull<c_void>) -> Outcome<()> {
    // SAFETY: `give` leaked a box of this type, and the caller gives it up.
    let dropped = Outcome::of(|| drop(unsafe { Box::from_raw(data.cast::<Box<dyn Error>>().as_ptr()) }));
    ERRORS.back();
    dropped
}

/// A fingerprint as two words, which C functions take in registers.
#[repr(C)]
#[derive(Clone, Copy, PartialEq)]
struct Halves(u64, u64);

fn halves(fingerprint: Fingerprint) -> Halves {
    let all = u128::from_le_bytes(fingerprint.to_le_bytes());
    Halves(all as u64, (all >> 64) as u64)
}
