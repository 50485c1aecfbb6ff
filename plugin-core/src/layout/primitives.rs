//! Layouts of primitive types, pointers, arrays, atomics, function pointers and a few leaves of `core`.

use core::{
    cmp::Ordering,
    marker::{PhantomData, PhantomPinned},
    mem::ManuallyDrop,
    num,
    ptr::NonNull,
    sync::atomic,
    time::Duration,
};

use super::{Argument, Field, PointerKind, Shape, StableLayout, TypeLayout, Variant};

macro_rules! leaves {
    ($($path:ty = $name:literal),+ $(,)?) => {$(
        // SAFETY: the language or the documentation of `core` fixes this type's layout for a given target.
        unsafe impl StableLayout for $path {
            const TYPE_LAYOUT: &'static TypeLayout = &TypeLayout::opaque::<Self>($name, &[]);
        }
    )+};
}

leaves! {
    () = "()", bool = "bool", char = "char", f32 = "f32", f64 = "f64",
    u8 = "u8", u16 = "u16", u32 = "u32", u64 = "u64", u128 = "u128", usize = "usize",
    i8 = "i8", i16 = "i16", i32 = "i32", i64 = "i64", i128 = "i128", isize = "isize",
    num::NonZeroU8 = "NonZeroU8", num::NonZeroU16 = "NonZeroU16", num::NonZeroU32 = "NonZeroU32",
    num::NonZeroU64 = "NonZeroU64", num::NonZeroU128 = "NonZeroU128", num::NonZeroUsize = "NonZeroUsize",
    num::NonZeroI8 = "NonZeroI8", num::NonZeroI16 = "NonZeroI16", num::NonZeroI32 = "NonZeroI32",
    num::NonZeroI64 = "NonZeroI64", num::NonZeroI128 = "NonZeroI128", num::NonZeroIsize = "NonZeroIsize",
    atomic::AtomicBool = "AtomicBool",
    atomic::AtomicU8 = "AtomicU8", atomic::AtomicU16 = "AtomicU16", atomic::AtomicU32 = "AtomicU32",
    atomic::AtomicU64 = "AtomicU64", atomic::AtomicUsize = "AtomicUsize",
    atomic::AtomicI8 = "AtomicI8", atomic::AtomicI16 = "AtomicI16", atomic::AtomicI32 = "AtomicI32",
    atomic::AtomicI64 = "AtomicI64", atomic::AtomicIsize = "AtomicIsize",
    PhantomPinned = "PhantomPinned", core::ffi::c_void = "c_void",
}

// SAFETY: its documentation shows `repr(i8)` and these variants.
unsafe impl StableLayout for Ordering {
    const TYPE_LAYOUT: &'static TypeLayout = &TypeLayout::new(
        "Ordering",
        &[],
        size_of::<Self>(),
        align_of::<Self>(),
        Shape::Enum {
            repr: i8::TYPE_LAYOUT,
            variants: &[
                Variant { name: "Less", discriminant: Self::Less as i64 as u64, fields: &[] },
                Variant { name: "Equal", discriminant: Self::Equal as i64 as u64, fields: &[] },
                Variant { name: "Greater", discriminant: Self::Greater as i64 as u64, fields: &[] },
            ],
        },
    );
}

macro_rules! pointers {
    ($([$($generics:tt)*] $path:ty = $kind:ident),+ $(,)?) => {$(
        // SAFETY: pointers to sized types are thin, and the pointee is described in turn.
        unsafe impl<$($generics)* T: StableLayout> StableLayout for $path {
            const TYPE_LAYOUT: &'static TypeLayout = &TypeLayout::new(
                "pointer",
                &[],
                size_of::<usize>(),
                align_of::<usize>(),
                Shape::Pointer(PointerKind::$kind, T::TYPE_LAYOUT),
            );
        }
    )+};
}

pointers! {
    ['a,] &'a T = Shared,
    ['a,] &'a mut T = Mutable,
    [] *const T = Const,
    [] *mut T = Mut,
    [] NonNull<T> = NonNull,
}

macro_rules! wrappers {
    ($($path:ty = $name:literal),+ $(,)?) => {$(
        // SAFETY: documented to have the layout that its argument fixes.
        unsafe impl<T: StableLayout> StableLayout for $path {
            const TYPE_LAYOUT: &'static TypeLayout =
                &TypeLayout::opaque::<Self>($name, &[Argument::Type(T::TYPE_LAYOUT)]);
        }
    )+};
}

wrappers! {
    PhantomData<T> = "PhantomData",
    ManuallyDrop<T> = "ManuallyDrop",
    core::cell::UnsafeCell<T> = "UnsafeCell",
    atomic::AtomicPtr<T> = "AtomicPtr",
    num::Wrapping<T> = "Wrapping",
}

/// Types that have no null or zero value, so that `Option<Self>` is documented to have their size and alignment.
///
/// # Safety
///
/// The standard library must document the null pointer optimisation for `Option<Self>`.
#[diagnostic::on_unimplemented(
    message = "`Option<{Self}>` has no stable layout",
    note = "only options of references, `NonNull`, `NonZero…` and function pointers have one; use `plugin_core::abi::ROption<{Self}>`"
)]
pub unsafe trait NullOptimised: StableLayout {}

macro_rules! null_optimised {
    ($([$($generics:tt)*] $path:ty),+ $(,)?) => {$(
        // SAFETY: listed under "Representation" in the documentation of `core::option`.
        unsafe impl<$($generics)*> NullOptimised for $path {}
    )+};
}

null_optimised! {
    ['a, T: StableLayout] &'a T, ['a, T: StableLayout] &'a mut T, [T: StableLayout] NonNull<T>,
    [] num::NonZeroU8, [] num::NonZeroU16, [] num::NonZeroU32, [] num::NonZeroU64, [] num::NonZeroU128,
    [] num::NonZeroUsize, [] num::NonZeroI8, [] num::NonZeroI16, [] num::NonZeroI32, [] num::NonZeroI64,
    [] num::NonZeroI128, [] num::NonZeroIsize,
}

// SAFETY: `NullOptimised` says that the option has its argument's layout, with the absent value in its one niche.
unsafe impl<T: NullOptimised> StableLayout for Option<T> {
    const TYPE_LAYOUT: &'static TypeLayout =
        &TypeLayout::opaque::<Self>("core::Option", &[Argument::Type(T::TYPE_LAYOUT)]);
}

// SAFETY: an array's elements follow each other without gaps.
unsafe impl<T: StableLayout, const N: usize> StableLayout for [T; N] {
    const TYPE_LAYOUT: &'static TypeLayout = &TypeLayout::new(
        "array",
        &[],
        size_of::<Self>(),
        align_of::<Self>(),
        Shape::Array { element: T::TYPE_LAYOUT, length: N },
    );
}

macro_rules! function_pointers {
    ($([$($parameter:ident)*])+) => {$(
        function_pointers!(@ [extern "C" fn($($parameter),*) -> R] false $($parameter)*);
        function_pointers!(@ [unsafe extern "C" fn($($parameter),*) -> R] true $($parameter)*);
    )+};
    (@ [$path:ty] $is_unsafe:literal $($parameter:ident)*) => {
        // SAFETY: a C function pointer is one word, and its whole signature is described.
        unsafe impl<R: StableLayout, $($parameter: StableLayout),*> StableLayout for $path {
            const TYPE_LAYOUT: &'static TypeLayout = &TypeLayout::signature(
                $is_unsafe,
                &[$(Field { name: "", offset: 0, layout: $parameter::TYPE_LAYOUT }),*],
                R::TYPE_LAYOUT,
            );
        }
        // SAFETY: function pointers are listed under "Representation" in the documentation of `core::option`.
        unsafe impl<R: StableLayout, $($parameter: StableLayout),*> NullOptimised for $path {}
    };
}

function_pointers! { [] [A] [A B] [A B C] [A B C D] [A B C D E] [A B C D E F] }

/// Offsets of `Duration`'s two parts in this build: its layout is `repr(Rust)`, so they are measured, not assumed.
const DURATION_OFFSETS: (usize, usize) = {
    const SECONDS: u64 = 0x0102_0304_0506_0708;
    const NANOS: u32 = 9;
    assert!(size_of::<Duration>() == 16, "Duration is no longer 12 bytes with alignment 8");
    let sample = Duration::new(SECONDS, NANOS);
    let start = (&raw const sample).cast::<u32>();
    // SAFETY: of 12 bytes in 16, aligned to 8, either half begins with a field, so both words are initialised.
    let (first, third) = unsafe { (start.read(), start.add(2).read()) };
    if third == NANOS {
        (0, 8)
    } else {
        assert!(first == NANOS, "Duration keeps its nanoseconds somewhere new");
        (8, 0)
    }
};

// SAFETY: the offsets are those of this build, measured.
unsafe impl StableLayout for Duration {
    const TYPE_LAYOUT: &'static TypeLayout = &TypeLayout::new(
        "Duration",
        &[],
        size_of::<Self>(),
        align_of::<Self>(),
        Shape::Struct(&[
            Field { name: "secs", offset: DURATION_OFFSETS.0, layout: u64::TYPE_LAYOUT },
            Field { name: "nanos", offset: DURATION_OFFSETS.1, layout: u32::TYPE_LAYOUT },
        ]),
    );
}
