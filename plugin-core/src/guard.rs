//! The panic guard around every entry into another library, and what a panic becomes on the other side.
//!
//! The side that is called catches the panic and returns a report beside the (then absent) value; the side that calls
//! turns the report into an `Err` where the method's error type is `From<PluginPanic>`, else unwinds with it. The
//! success path costs one null check and touches no thread-local.

mod hook;

use core::{fmt, mem::MaybeUninit, ptr};
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

pub use hook::record;
pub(crate) use hook::{Origin, prepare};

use crate::{
    abi::RString,
    crossing::{AsIs, Crossing},
    layout::{Field, Shape, StableLayout, TypeLayout},
    runtime,
};

/// What a guarded entry returns: a value, or the report of a panic.
///
/// Two words for a value of one word, so that both travel in registers. The value is the first: it is then where a function
/// without a guard would leave it, and so need not be moved.
#[repr(C)]
#[must_use]
pub struct Outcome<T> {
    value: MaybeUninit<T>,
    panic: *mut Report,
}

/// A panic on its way across the boundary. Its owner is the side that receives the outcome.
#[repr(C)]
struct Report {
    /// Frees this very report, in the library that allocated it.
    free: unsafe extern "C" fn(*mut Report),
    panic: PluginPanic,
}

/// A panic that was caught at the boundary: its message, where it happened, and the way there.
///
/// Give a method's error type a `From<PluginPanic>` and a panic in the plugin becomes that error; without it the panic
/// goes on in the caller, as if the plugin were ordinary code. It is reported once, by the library that panicked: to the
/// host's log if the plugin forwards its own, else on standard error.
///
/// ```
/// use plugin_core::{PluginPanic, StableLayout, abi::RString};
///
/// #[derive(Debug, StableLayout)]
/// #[repr(u8)]
/// pub enum CodecError {
///     Corrupt { offset: u64 },
///     Panicked { message: RString },
/// }
///
/// impl From<PluginPanic> for CodecError {
///     fn from(panic: PluginPanic) -> Self {
///         Self::Panicked { message: panic.message().into() }
///     }
/// }
/// ```
#[repr(C)]
#[derive(Clone, PartialEq, Eq)]
pub struct PluginPanic {
    /// The message, the source file and the backtrace, one after the other: an error that has a panic in it stays small.
    texts: RString,
    /// Where the message ends.
    message: usize,
    /// Where the source file ends.
    file: usize,
    line: u32,
    column: u32,
}

impl PluginPanic {
    /// The panic's message, or a substitute where its payload was not text.
    #[must_use]
    pub fn message(&self) -> &str {
        self.texts.get(..self.message).unwrap_or_default()
    }

    /// Source file, line and column of the panic, if known: a payload that is not text, or that was passed to
    /// `resume_unwind`, has none.
    #[must_use]
    pub fn location(&self) -> Option<(&str, u32, u32)> {
        let file = self.texts.get(self.message..self.file).filter(|file| !file.is_empty())?;
        Some((file, self.line, self.column))
    }

    /// The calls that led to the panic, as text, if there was to be a backtrace: as for
    /// [`Backtrace::capture`](std::backtrace::Backtrace::capture), which `RUST_LIB_BACKTRACE` and `RUST_BACKTRACE`
    /// decide. It is present where the [location](Self::location) is.
    #[must_use]
    pub fn backtrace(&self) -> Option<&str> {
        self.texts.get(self.file..).filter(|backtrace| !backtrace.is_empty())
    }

    /// Unwinds with the message as payload. The panic was reported where it happened: no hook runs again.
    pub fn resume(self) -> ! {
        resume_unwind(Box::new(self.message().to_owned()))
    }

    #[cold]
    fn from_payload(payload: Box<dyn Any + Send>) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let origin = hook::take(text.unwrap_or_default()).unwrap_or_else(|| Origin::unknown(text));
        discard(payload);
        let Origin { texts, message, file, line, column } = origin;
        Self { texts: texts.into(), message, file, line, column }
    }
}

/// Drops a payload, and the payloads of the panics that dropping it causes: three in a row are leaked.
pub(crate) fn discard(payload: Box<dyn Any + Send>) {
    let mut payload = payload;
    for _ in 0..3 {
        match catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            Ok(()) => return,
            Err(next) => payload = next,
        }
    }
    core::mem::forget(payload);
}

impl fmt::Display for PluginPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.location() {
            Some((file, line, column)) => {
                write!(f, "the plugin panicked at {file}:{line}:{column}: {}", self.message())
            }
            None => write!(f, "the plugin panicked: {}", self.message()),
        }
    }
}

impl fmt::Debug for PluginPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PluginPanic({self})")
    }
}

impl std::error::Error for PluginPanic {}

// SAFETY: `repr(C)`, and every field is described.
unsafe impl StableLayout for PluginPanic {
    const TYPE_LAYOUT: &'static TypeLayout = &TypeLayout::new(
        "PluginPanic",
        &[],
        size_of::<Self>(),
        align_of::<Self>(),
        Shape::Struct(&[
            Field { name: "texts", offset: 0, layout: RString::TYPE_LAYOUT },
            Field {
                name: "message",
                offset: core::mem::offset_of!(Self, message),
                layout: usize::TYPE_LAYOUT,
            },
            Field { name: "file", offset: core::mem::offset_of!(Self, file), layout: usize::TYPE_LAYOUT },
            Field { name: "line", offset: core::mem::offset_of!(Self, line), layout: u32::TYPE_LAYOUT },
            Field { name: "column", offset: core::mem::offset_of!(Self, column), layout: u32::TYPE_LAYOUT },
        ]),
    );
}

crate::crossing::as_is!([] PluginPanic);

/// The largest value that leaves a function in registers, beside the panic or without.
const IN_REGISTERS: usize = 2 * size_of::<usize>();

impl<T> Outcome<T> {
    /// Runs `body` under the guard.
    #[inline]
    pub fn of(body: impl FnOnce() -> T) -> Self {
        // A value that a panic left half-changed is no less safe than after a panic caught in the caller, and `&mut`
        // arguments are restored by their own guards.
        if size_of::<T>() <= IN_REGISTERS {
            return match catch_unwind(AssertUnwindSafe(|| runtime::around(body))) {
                Ok(value) => Self { value: MaybeUninit::new(value), panic: ptr::null_mut() },
                Err(payload) => Self { value: MaybeUninit::uninit(), panic: Report::allocate(payload) },
            };
        }
        // Written where it is returned: a value that is moved out of the guard is copied.
        let mut outcome = Self { value: MaybeUninit::uninit(), panic: ptr::null_mut() };
        let value = &mut outcome.value;
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| _ = value.write(runtime::around(body)))) {
            outcome.panic = Report::allocate(payload);
        }
        outcome
    }

    /// Runs `body` under the guard, and converts its result there as well.
    #[inline]
    pub fn crossing<R: Crossing<Abi = T>>(body: impl FnOnce() -> R) -> Self {
        Self::of(|| body().into_abi())
    }

    /// The value, or the panic that took its place.
    ///
    /// # Errors
    ///
    /// The panic, if there was one.
    #[inline]
    pub fn into_result(self) -> Result<T, PluginPanic> {
        if self.panic.is_null() {
            // SAFETY: without a report the value was written, by `of` on the other side.
            Ok(unsafe { take(&self.value).assume_init() })
        } else {
            // SAFETY: a report that is not null was made by `allocate`, and this outcome is its only owner.
            Err(unsafe { Report::take(self.panic) })
        }
    }
}

/// Moves a value out of an outcome: word by word where it is one of a few words. The plugin has stored these just now, one after the
/// other, and a load of two words at once, as a copy has them, waits until both stores have left the processor: some 3 ns.
#[inline(always)]
fn take<T>(value: &MaybeUninit<T>) -> MaybeUninit<T> {
    /// As a pointer, whose provenance a copy keeps.
    type Word = MaybeUninit<*const ()>;
    let size = size_of::<T>();
    let mut taken = MaybeUninit::<T>::uninit();
    if align_of::<T>() != align_of::<Word>() || size <= IN_REGISTERS || size > 8 * size_of::<Word>() {
        // SAFETY: both are of this type, and bytes that need not be initialised may be copied.
        unsafe { ptr::copy_nonoverlapping(value, &raw mut taken, 1) };
        return taken;
    }
    let (from, to) = (value.as_ptr().cast::<Word>(), taken.as_mut_ptr().cast::<Word>());
    for word in 0..size / size_of::<Word>() {
        // SAFETY: within both values, which are aligned as words are. Volatile, or the compiler would make it the copy that it
        // is not to be.
        unsafe { to.add(word).write(from.add(word).read_volatile()) };
    }
    taken
}

impl<T> Outcome<T> {
    /// What a wrapper of this side makes of the value.
    #[inline]
    pub(crate) fn map<U>(self, wrap: impl FnOnce(T) -> U) -> Outcome<U> {
        if !self.panic.is_null() {
            return Outcome { value: MaybeUninit::uninit(), panic: self.panic };
        }
        // SAFETY: as for `into_result`.
        let value = unsafe { self.value.assume_init() };
        Outcome { value: MaybeUninit::new(wrap(value)), panic: ptr::null_mut() }
    }
}

impl Outcome<()> {
    /// Goes on with a panic of a destructor, unless the thread unwinds already: a second panic would abort.
    #[inline]
    pub(crate) fn resume_drop(self) {
        if let Err(panic) = self.into_result()
            && !std::thread::panicking()
        {
            panic.resume();
        }
    }
}

impl Report {
    #[cold]
    fn allocate(payload: Box<dyn Any + Send>) -> *mut Self {
        Box::into_raw(Box::new(Self { free, panic: PluginPanic::from_payload(payload) }))
    }

    /// # Safety
    ///
    /// `this` came from [`Report::allocate`], in any library, and nobody uses it afterwards.
    #[cold]
    unsafe fn take(this: *mut Self) -> PluginPanic {
        // SAFETY: the caller owns the report; the panic is moved out and `free` does not touch it again.
        unsafe {
            let panic = ptr::read(&raw const (*this).panic);
            ((*this).free)(this);
            panic
        }
    }
}

/// # Safety
///
/// `report` was allocated by this library, and its panic was moved out.
unsafe extern "C" fn free(report: *mut Report) {
    // SAFETY: `MaybeUninit` has the layout of what it wraps, and drops nothing.
    drop(unsafe { Box::from_raw(report.cast::<MaybeUninit<Report>>()) });
}

/// Chooses, for one return type, between an `Err` and going on with the panic. For generated code.
#[doc(hidden)]
pub struct Recovery<R>(core::marker::PhantomData<R>);

impl<R> Recovery<R> {
    /// A choice for the return type `R`.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "there is nothing to default")]
    pub const fn new() -> Self {
        Self(core::marker::PhantomData)
    }
}

impl<T, E: From<PluginPanic>> Recovery<Result<T, E>> {
    /// Preferred by method resolution where the error type takes a panic.
    #[cold]
    pub fn recover(self, panic: PluginPanic) -> Result<T, E> {
        Err(panic.into())
    }
}

/// The other choice, found by method resolution where [`Recovery::recover`] does not apply.
#[doc(hidden)]
pub trait Resume<R> {
    /// Goes on with the panic.
    fn recover(self, panic: PluginPanic) -> R;
}

impl<R> Resume<R> for Recovery<R> {
    #[cold]
    fn recover(self, panic: PluginPanic) -> R {
        panic.resume()
    }
}

const _: () = {
    const fn crosses<T: AsIs>() {}
    crosses::<PluginPanic>();
};
