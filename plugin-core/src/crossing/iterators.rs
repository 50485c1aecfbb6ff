//! Iterators: each `next` is a guarded call to the side that has the iterator; what it yields is converted.

use core::{ffi::c_void, marker::PhantomData, ptr::NonNull};

use super::{
    Argument, Crossing,
    promises::{Plain, Sendable, Shared},
};
use crate::{
    abi::{ROption, Tuple2},
    guard::Outcome,
    held::ITERATORS,
    layout::{Argument as GenericArgument, StableLayout, TypeLayout},
};

type Hint = Tuple2<usize, ROption<usize>>;

/// An iterator of one of the libraries: an address, and what can be done with it.
#[repr(C)]
struct Raw<A> {
    data: NonNull<c_void>,
    next: unsafe extern "C" fn(NonNull<c_void>) -> Outcome<ROption<A>>,
    size_hint: unsafe extern "C" fn(NonNull<c_void>) -> Outcome<Hint>,
}

impl<A> Raw<A> {
    fn new<I: Iterator<Item: Crossing<Abi = A>>>(iterator: NonNull<I>) -> Self {
        Self { data: iterator.cast(), next: next::<I>, size_hint: size_hint::<I> }
    }

    /// The next value.
    ///
    /// # Safety
    ///
    /// The iterator exists, nobody else uses it, and its items are of type `T`.
    unsafe fn next<T: Crossing<Abi = A>>(&mut self) -> Option<T> {
        // SAFETY: the caller vouches for the iterator; the function came with it.
        match unsafe { (self.next)(self.data) }.into_result() {
            // SAFETY: `next` made it with `into_abi` of the items' type.
            Ok(value) => value.into_option().map(|value| unsafe { T::from_abi(value) }),
            Err(panic) => panic.resume(),
        }
    }

    /// How many values are left.
    ///
    /// # Safety
    ///
    /// The iterator exists, nobody changes it, and it is `Sync` if others look at it, too.
    unsafe fn size_hint(&self) -> (usize, Option<usize>) {
        // SAFETY: the caller vouches for the iterator; the function came with it.
        match unsafe { (self.size_hint)(self.data) }.into_result() {
            Ok(Tuple2(least, most)) => (least, most.into_option()),
            Err(panic) => panic.resume(),
        }
    }
}

/// A boxed iterator over `A`s as it crosses; `K` is what it is beyond an iterator.
#[repr(C)]
pub struct IteratorForm<'a, A, K> {
    raw: Raw<A>,
    drop: unsafe extern "C" fn(NonNull<c_void>) -> Outcome<()>,
    owns: PhantomData<(&'a (), K)>,
}

// SAFETY: sent only if the iterator is: `K` is `Send` if the iterators that it stands for are.
unsafe impl<A, K: Send> Send for IteratorForm<'_, A, K> {}
// SAFETY: as for `Send`.
unsafe impl<A, K: Sync> Sync for IteratorForm<'_, A, K> {}

impl<A, K> Drop for IteratorForm<'_, A, K> {
    fn drop(&mut self) {
        // SAFETY: this is the iterator's one owner, and the function came with it.
        let dropped = unsafe { (self.drop)(self.raw.data) };
        dropped.resume_drop();
    }
}

impl<A, K> IteratorForm<'_, A, K> {
    fn new<I: Iterator<Item: Crossing<Abi = A>>>(iterator: I) -> Self {
        let iterator = NonNull::from(Box::leak(Box::new(iterator)));
        ITERATORS.out();
        Self { raw: Raw::new(iterator), drop: drop_iterator::<I>, owns: PhantomData }
    }
}

/// An iterator that another library made.
struct Foreign<'a, T: Crossing, K>(IteratorForm<'a, T::Abi, K>);

impl<T: Crossing, K> Iterator for Foreign<'_, T, K> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        // SAFETY: the form owns the iterator, whose items are those of the type that it crossed as.
        unsafe { self.0.raw.next() }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // SAFETY: the form owns the iterator, and is `Sync` only if that is.
        unsafe { self.0.raw.size_hint() }
    }
}

macro_rules! boxes {
    ($($kind:ident $name:literal $($bound:ident)*;)+) => {$(
        // SAFETY: `repr(C)`, of words that `ABI_FORMAT` stands for; the items are described.
        unsafe impl<A: StableLayout> StableLayout for IteratorForm<'_, A, $kind> {
            const TYPE_LAYOUT: &'static TypeLayout =
                &TypeLayout::opaque::<Self>($name, &[GenericArgument::Type(A::TYPE_LAYOUT)]);
        }

        // SAFETY: the iterator and what can be done with it cross, for the lifetime that it has; items are converted.
        unsafe impl<'a, T: Crossing + 'a> Crossing for Box<dyn Iterator<Item = T> $(+ $bound)* + 'a> {
            type Abi = IteratorForm<'a, T::Abi, $kind>;

            fn into_abi(self) -> Self::Abi {
                IteratorForm::new(self)
            }

            unsafe fn from_abi(abi: Self::Abi) -> Self {
                Box::new(Foreign::<'a, T, $kind>(abi))
            }
        }
    )+};
}

boxes! {
    Plain "Box<dyn Iterator>";
    Sendable "Box<dyn Iterator + Send>" Send;
    Shared "Box<dyn Iterator + Send + Sync>" Send Sync;
}

/// A borrowed iterator over `A`s as it crosses: for the time of a call, after which nobody has it.
#[repr(transparent)]
pub struct LentIterator<'a, A>(Raw<A>, PhantomData<&'a mut ()>);

// SAFETY: transparent over words that `ABI_FORMAT` stands for; the items are described.
unsafe impl<A: StableLayout> StableLayout for LentIterator<'_, A> {
    const TYPE_LAYOUT: &'static TypeLayout =
        &TypeLayout::opaque::<Self>("&mut dyn Iterator", &[GenericArgument::Type(A::TYPE_LAYOUT)]);
}

/// An iterator that another library lends.
struct Borrowed<'call, T: Crossing>(LentIterator<'call, T::Abi>);

impl<T: Crossing> Iterator for Borrowed<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        // SAFETY: lent for longer than this lives, to nobody else, as an iterator over this type.
        unsafe { self.0.0.next() }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // SAFETY: lent for longer than this lives, to nobody else.
        unsafe { self.0.0.size_hint() }
    }
}

// SAFETY: the iterator stays where it is, and is lent for the time of the call.
unsafe impl<'a, 'b, T: Crossing + 'static> Argument for &'a mut (dyn Iterator<Item = T> + 'b) {
    type Abi = LentIterator<'a, T::Abi>;
    type Lent<'call> = &'call mut (dyn Iterator<Item = T> + 'call);

    fn send<R>(mut self, call: impl FnOnce(Self::Abi) -> R) -> R {
        call(LentIterator(Raw::new(NonNull::from(&mut self)), PhantomData))
    }

    unsafe fn receive<R>(abi: Self::Abi, call: impl for<'call> FnOnce(Self::Lent<'call>) -> R) -> R {
        call(&mut Borrowed::<T>(abi))
    }
}

/// # Safety
///
/// `iterator` is an `I` that nobody else uses.
unsafe extern "C" fn next<I: Iterator<Item: Crossing>>(
    iterator: NonNull<c_void>,
) -> Outcome<ROption<<I::Item as Crossing>::Abi>> {
    Outcome::crossing(|| {
        // SAFETY: the caller's promise.
        unsafe { iterator.cast::<I>().as_mut() }.next()
    })
}

/// # Safety
///
/// `iterator` is an `I` that nobody changes.
unsafe extern "C" fn size_hint<I: Iterator>(iterator: NonNull<c_void>) -> Outcome<Hint> {
    Outcome::of(|| {
        // SAFETY: the caller's promise.
        let (least, most) = unsafe { iterator.cast::<I>().as_ref() }.size_hint();
        Tuple2(least, most.into())
    })
}

/// # Safety
///
/// `iterator` was leaked by [`IteratorForm::new`], and its owner gives it up.
unsafe extern "C" fn drop_iterator<I>(iterator: NonNull<c_void>) -> Outcome<()> {
    // SAFETY: the caller's promise.
    let dropped = Outcome::of(|| drop(unsafe { Box::from_raw(iterator.cast::<I>().as_ptr()) }));
    ITERATORS.back();
    dropped
}
