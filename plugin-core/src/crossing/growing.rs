//! Types that grow: their values cross as a block on the sender's heap, of which the receiver takes what it knows.
//!
//! A block begins with its [`Head`], which says how many fields follow and how the block is freed. The fields lie behind
//! it as C lays them, so those that both sides know are in the same places. A receiver that knows fewer leaves the rest to
//! be dropped by the library that made them; one that knows more fills in defaults. Either way the block is freed by its
//! maker, once, also where a conversion panics half-way.

use core::{ffi::c_void, marker::PhantomData, mem::MaybeUninit, ptr::NonNull};

use super::Crossing;
use crate::{
    abi::{RStr, RString},
    guard::Outcome,
    layout::{StableLayout, TypeLayout},
};

/// What every block begins with.
#[repr(transparent)]
pub struct Head(&'static Kind);

/// What blocks of one type have in common. It is a constant of the library that makes them, which is never unmapped.
#[repr(C)]
struct Kind {
    /// How many fields follow.
    count: u32,
    /// Drops all fields but the first so many, and frees the block.
    free: unsafe extern "C" fn(NonNull<Head>, u32) -> Outcome<()>,
}

/// The fields of a block, which `#[derive(Crossing)]` lays out.
///
/// # Safety
///
/// `Self` is `#[repr(C)]` and begins with a [`Head`]; `FIELDS` are the other fields that have to be dropped, in order.
pub unsafe trait Block: Sized {
    /// Where they are, and how they are dropped.
    const FIELDS: &'static [BlockField];
}

/// A field of a block.
#[derive(Clone, Copy)]
pub struct BlockField {
    offset: usize,
    drop: unsafe fn(*mut c_void),
}

impl BlockField {
    /// A field of type `F`.
    #[must_use]
    pub const fn of<F>(offset: usize) -> Self {
        /// # Safety
        ///
        /// `field` is a valid `F`, which nobody uses afterwards.
        unsafe fn drop<F>(field: *mut c_void) {
            // SAFETY: the caller's promise.
            unsafe { field.cast::<F>().drop_in_place() }
        }
        Self { offset, drop: drop::<F> }
    }
}

/// The description of a growing type, by a type of the expansion that stands for it.
///
/// # Safety
///
/// `LAYOUT` describes the fields of the block, or the blocks of all variants, and says that the type grows.
pub unsafe trait Growing {
    /// The description.
    const LAYOUT: &'static TypeLayout;
}

/// The owner of a block, whole or in part: what it has not taken out is dropped with the block.
struct Owner {
    head: NonNull<Head>,
    taken: u32,
}

impl Owner {
    fn new<B: Block>(make: impl FnOnce(Head) -> B) -> Self {
        let kind = const { &Kind { count: B::FIELDS.len() as u32, free: free::<B> } };
        Self { head: NonNull::from(Box::leak(Box::new(make(Head(kind))))).cast(), taken: 0 }
    }

    fn kind(&self) -> &'static Kind {
        // SAFETY: every block begins with its head, and this one is owned.
        unsafe { self.head.read() }.0
    }
}

// `Head` is read by copying it: nothing in it has to be dropped.
const _: () = assert!(!core::mem::needs_drop::<Head>());

impl Drop for Owner {
    fn drop(&mut self) {
        // SAFETY: this owner gives the block up, once, to the library that made it, and has taken out so many fields.
        let freed = unsafe { (self.kind().free)(self.head, self.taken) };
        if let Err(panic) = freed.into_result()
            && !std::thread::panicking()
        {
            panic.resume();
        }
    }
}

/// # Safety
///
/// `block` was made from a box of a `B` by this library; nobody uses it afterwards; its first `taken` fields were moved
/// out.
unsafe extern "C" fn free<B: Block>(block: NonNull<Head>, taken: u32) -> Outcome<()> {
    /// Goes on behind a field whose destructor panics.
    struct Rest<B: Block> {
        block: NonNull<B>,
        fields: core::slice::Iter<'static, BlockField>,
    }
    impl<B: Block> Rest<B> {
        fn drop_fields(&mut self) {
            for field in self.fields.by_ref() {
                // SAFETY: `Block` promises that a field of this type is there; the iterator gives each one once, and none
                // that was moved out.
                unsafe { (field.drop)(self.block.as_ptr().byte_add(field.offset).cast()) };
            }
        }
    }
    impl<B: Block> Drop for Rest<B> {
        fn drop(&mut self) {
            self.drop_fields();
            // SAFETY: it came from a box; `MaybeUninit` has the layout of what it wraps, and drops nothing.
            drop(unsafe { Box::from_raw(self.block.as_ptr().cast::<MaybeUninit<B>>()) });
        }
    }
    let fields = B::FIELDS.get(taken as usize..).unwrap_or_default().iter();
    Outcome::of(|| Rest::<B> { block: block.cast(), fields }.drop_fields())
}

/// A block whose fields are taken out one by one.
pub struct Fields<B: Block> {
    owner: Owner,
    of: PhantomData<B>,
}

impl<B: Block> Fields<B> {
    /// Takes the next field; `None` if the sender does not have it.
    ///
    /// # Safety
    ///
    /// The next field of `B` is the FFI-safe form of a `T`, and what it borrows is still borrowed.
    #[inline]
    pub unsafe fn next<T: Crossing>(&mut self) -> Option<T> {
        let Owner { head, taken } = &mut self.owner;
        // SAFETY: as for `Owner::kind`.
        let count = unsafe { head.read() }.0.count;
        let field = B::FIELDS.get(*taken as usize).filter(|_| *taken < count)?;
        // SAFETY: the sender has this field, and the descriptions of both sides agree on its type and place. It is moved
        // out: the count, which is raised before anything can panic, keeps it from being dropped.
        let abi = unsafe { head.byte_add(field.offset).cast::<T::Abi>().read() };
        *taken += 1;
        // SAFETY: the caller's promise.
        Some(unsafe { T::from_abi(abi) })
    }

    /// Takes a field that every version has.
    ///
    /// # Safety
    ///
    /// As for [`next`](Self::next).
    ///
    /// # Panics
    ///
    /// If the sender does not have it, which its description rules out.
    #[inline]
    #[must_use]
    pub unsafe fn required<T: Crossing>(&mut self) -> T {
        // SAFETY: the caller's promise.
        match unsafe { self.next() } {
            Some(value) => value,
            None => missing(),
        }
    }
}

#[cold]
fn missing() -> ! {
    panic!("a value has fewer fields than the description of its type")
}

/// A value of a growing struct as it crosses.
#[repr(transparent)]
pub struct GrownStruct<B: Block> {
    block: NonNull<Head>,
    of: PhantomData<B>,
}

// SAFETY: one pointer; what is behind it is described by `LAYOUT`, read by the rules for types that grow, and dropped by
// its maker.
unsafe impl<B: Block + Growing> StableLayout for GrownStruct<B> {
    const TYPE_LAYOUT: &'static TypeLayout = B::LAYOUT;
}

impl<B: Block> GrownStruct<B> {
    /// Puts fields into a block.
    #[inline]
    pub fn new(make: impl FnOnce(Head) -> B) -> Self {
        let owner = core::mem::ManuallyDrop::new(Owner::new(make));
        Self { block: owner.head, of: PhantomData }
    }

    /// Opens the block.
    #[inline]
    #[must_use]
    pub fn open(self) -> Fields<B> {
        let block = core::mem::ManuallyDrop::new(self).block;
        Fields { owner: Owner { head: block, taken: 0 }, of: PhantomData }
    }
}

impl<B: Block> Drop for GrownStruct<B> {
    fn drop(&mut self) {
        drop(Owner { head: self.block, taken: 0 });
    }
}

/// A variant of a growing enum: a constant of the library that makes the value.
#[repr(C)]
pub struct VariantKind {
    /// Its place among the variants, the unknown one not counted.
    place: u32,
    name: RStr<'static>,
}

impl VariantKind {
    /// The place of variants that the sender does not know, either.
    const UNKNOWN: u32 = u32::MAX;

    /// A variant.
    #[must_use]
    pub const fn new(place: u32, name: &'static str) -> Self {
        Self { place, name: RStr::from_str(name) }
    }

    /// The variant for those that are not known.
    #[must_use]
    pub const fn unknown(name: &'static str) -> Self {
        Self::new(Self::UNKNOWN, name)
    }
}

/// A value of a growing enum as it crosses; `E` stands for it.
#[repr(C)]
pub struct GrownEnum<E> {
    kind: &'static VariantKind,
    payload: Option<NonNull<Head>>,
    of: PhantomData<fn() -> E>,
}

// SAFETY: two pointers; what is behind them is described by `LAYOUT`, read by the rules for types that grow, and dropped
// by its maker.
unsafe impl<E: Growing> StableLayout for GrownEnum<E> {
    const TYPE_LAYOUT: &'static TypeLayout = E::LAYOUT;
}

impl<E> GrownEnum<E> {
    /// A variant without fields.
    #[inline]
    #[must_use]
    pub const fn unit(kind: &'static VariantKind) -> Self {
        Self { kind, payload: None, of: PhantomData }
    }

    /// A variant with fields.
    #[inline]
    pub fn with<B: Block>(kind: &'static VariantKind, make: impl FnOnce(Head) -> B) -> Self {
        let owner = core::mem::ManuallyDrop::new(Owner::new(make));
        Self { kind, payload: Some(owner.head), of: PhantomData }
    }

    /// A variant of which only the name is known.
    #[must_use]
    pub fn named(kind: &'static VariantKind, name: String) -> Self {
        Self::with(kind, |head| Name(head, name.into()))
    }

    /// The place of the variant.
    #[inline]
    #[must_use]
    pub const fn place(&self) -> u32 {
        self.kind.place
    }

    /// Opens the block of a variant with fields.
    ///
    /// # Safety
    ///
    /// `B` is the block of this value's variant.
    ///
    /// # Panics
    ///
    /// If the variant has no fields, which its description rules out.
    #[inline]
    #[must_use]
    pub unsafe fn open<B: Block>(mut self) -> Fields<B> {
        match self.payload.take() {
            Some(head) => Fields { owner: Owner { head, taken: 0 }, of: PhantomData },
            None => missing(),
        }
    }

    /// The name of a variant that is not known here. Its fields are dropped by the library that made them.
    #[must_use]
    pub fn into_name(self) -> String {
        let kind = self.kind;
        if kind.place == VariantKind::UNKNOWN && self.payload.is_some() {
            // SAFETY: an unknown variant with a block was made by `named`, and that is its block.
            let mut fields = unsafe { self.open::<Name>() };
            // SAFETY: its field is an `RString`.
            return unsafe { fields.required::<String>() };
        }
        kind.name.as_str().to_owned()
    }
}

impl<E> Drop for GrownEnum<E> {
    fn drop(&mut self) {
        if let Some(head) = self.payload.take() {
            drop(Owner { head, taken: 0 });
        }
    }
}

/// The block of an unknown variant's name.
#[repr(C)]
struct Name(Head, RString);

// SAFETY: `repr(C)` with one field behind the head.
unsafe impl Block for Name {
    const FIELDS: &'static [BlockField] = &[BlockField::of::<RString>(core::mem::offset_of!(Self, 1))];
}
