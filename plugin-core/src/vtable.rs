//! Tables of functions: one per interface and implementor, made at compile time, read by the other side.

use core::ffi::c_void;

use crate::{
    erased::{Erased, share_erased},
    guard::Outcome,
    held::CounterRef,
    home::Home,
    instance::drop_object,
    interface::{Interface, InterfaceLayout},
};

/// A pointer to a function whose signature the interface's description states.
///
/// Slots are erased because a signature with references (`for<'a> fn(<&'a str as Crossing>::Abi)`) cannot be named
/// where the table is declared; the caller restores it where its lifetimes are concrete.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Slot(*const c_void);

// SAFETY: the address of a function, which is the same for every thread and never written through.
unsafe impl Send for Slot {}
// SAFETY: as above.
unsafe impl Sync for Slot {}

impl Slot {
    /// Erases a function, given as `function as *const ()`.
    #[must_use]
    pub const fn new(function: *const ()) -> Self {
        Self(function.cast())
    }

    /// The function as the type `F`, a function pointer.
    ///
    /// # Safety
    ///
    /// `F` is the function's own type, lifetimes aside.
    #[inline(always)]
    #[must_use]
    pub const unsafe fn restore<F: Copy>(self) -> F {
        const { assert!(size_of::<F>() == size_of::<Slot>(), "not a function pointer") }
        // SAFETY: of one size (checked above); the caller vouches for the type.
        unsafe { core::mem::transmute_copy(&self.0) }
    }
}

/// Drops an object, guarded.
pub(crate) type DropFn = unsafe extern "C" fn(*mut c_void) -> Outcome<()>;

/// Makes another owner of an object and returns it, or null if it can have but one.
pub(crate) type ShareFn = unsafe extern "C" fn(*mut c_void) -> *mut c_void;

/// The beginning of every table; the slots follow it.
#[repr(C)]
struct Head {
    /// Drops the object.
    drop: DropFn,
    share: Option<ShareFn>,
    /// What counts the object.
    counter: CounterRef,
    /// The [`Home`] of the objects, of which other libraries read the first word only.
    home: *const c_void,
    /// Tables of the supertraits, in order.
    supers: *const Vtable,
    /// How many slots follow: a table from an older build of the interface may have fewer than its reader knows.
    length: usize,
}

/// A whole table with `N` slots, as generated code declares it.
#[repr(C)]
pub struct Table<const N: usize> {
    head: Head,
    slots: [Slot; N],
}

// SAFETY: constants and addresses of constants.
unsafe impl<const N: usize> Sync for Table<N> {}

impl<const N: usize> Table<N> {
    /// A table for objects of a `T`, each in a box.
    #[must_use]
    pub const fn of_boxed<I: ?Sized + Interface, T: 'static>(
        home: &'static Home<I>,
        supers: &'static [Vtable],
        slots: [Slot; N],
    ) -> Self {
        Self::new(drop_object::<I, T>, None, home, supers, slots)
    }

    /// A table for objects that their library knows as an `I` only.
    #[must_use]
    pub const fn of_erased<I: ?Sized + Interface>(supers: &'static [Vtable], slots: [Slot; N]) -> Self {
        let home = const { &Home::<I>::of_erased() };
        Self::new(drop_object::<I, Erased<I>>, Some(share_erased::<I>), home, supers, slots)
    }

    const fn new<I: ?Sized + Interface>(
        drop: DropFn,
        share: Option<ShareFn>,
        home: &'static Home<I>,
        supers: &'static [Vtable],
        slots: [Slot; N],
    ) -> Self {
        let home = (&raw const *home).cast();
        let counter = I::COUNTER;
        Self { head: Head { drop, share, counter, home, supers: supers.as_ptr(), length: N }, slots }
    }
}

/// A reference to a table in any library: never unmapped, never changed.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Vtable(*const Head);

// SAFETY: tables are constants.
unsafe impl Send for Vtable {}
// SAFETY: as above.
unsafe impl Sync for Vtable {}

impl Vtable {
    /// What a trait with mistakes has in place of tables, beside a `compile_error!`: nothing runs.
    #[doc(hidden)]
    pub const STAND_IN: Self = Self(core::ptr::null());

    /// Refers to a table.
    #[must_use]
    pub const fn of<const N: usize>(table: &'static Table<N>) -> Self {
        Self((table as *const Table<N>).cast())
    }

    /// How many slots the table has.
    #[inline]
    #[must_use]
    pub const fn length(self) -> usize {
        // SAFETY: made by `of`, which had a table for ever.
        unsafe { (*self.0).length }
    }

    /// The function that drops an object of this table.
    #[inline]
    #[must_use]
    pub const fn drop_fn(self) -> DropFn {
        // SAFETY: as for `length`.
        unsafe { (*self.0).drop }
    }

    /// The function that makes another owner of an object of this table.
    pub(crate) const fn share_fn(self) -> Option<ShareFn> {
        // SAFETY: as for `length`.
        unsafe { (*self.0).share }
    }

    /// What counts the objects of this table.
    pub(crate) const fn counter(self) -> CounterRef {
        // SAFETY: as for `length`.
        unsafe { (*self.0).counter }
    }

    /// The home of the objects of this table.
    pub(crate) const fn home(self) -> *const c_void {
        // SAFETY: as for `length`.
        unsafe { (*self.0).home }
    }

    /// The slot of a method.
    ///
    /// # Safety
    ///
    /// `index` is less than [`length`](Self::length).
    #[inline(always)]
    #[must_use]
    pub const unsafe fn slot(self, index: usize) -> Slot {
        // SAFETY: slots follow the head (`Table` is `repr(C)` and both parts have the alignment of a pointer), the
        // pointer was made from the whole table, and the caller vouches for the index.
        unsafe { *self.0.add(1).cast::<Slot>().add(index) }
    }

    /// The table of the supertrait that `path` leads to.
    ///
    /// # Safety
    ///
    /// `path` was found by [`Path::find`] in the description of this table's interface.
    #[allow(clippy::indexing_slicing, reason = "a path is shorter than its array")]
    #[inline(always)]
    #[must_use]
    pub const unsafe fn follow(self, path: Path) -> Self {
        let mut table = self;
        let mut step = 0;
        while step < path.length {
            // SAFETY: the description that the path was found in has that many supertraits at each step, and a table
            // has what its description has.
            table = unsafe { *(*table.0).supers.add(path.steps[step]) };
            step += 1;
        }
        table
    }
}

/// Runs the default of a method that a table lacks: here, so that it is out of the way of the calls of those that it has.
#[cold]
#[inline(never)]
pub fn absent<R>(default: impl FnOnce() -> R) -> R {
    default()
}

/// The way from an interface to one of its supertraits: an index at each step.
#[derive(Clone, Copy)]
pub struct Path {
    steps: [usize; Self::LONGEST],
    length: usize,
}

impl Path {
    /// How deep a supertrait may lie.
    pub const LONGEST: usize = 8;

    /// Finds `target` among `from` and its supertraits, at compile time.
    ///
    /// # Panics
    ///
    /// If it is not there, or deeper than [`Self::LONGEST`].
    #[must_use]
    pub const fn find(from: &InterfaceLayout, target: &InterfaceLayout) -> Self {
        match Self::search(from, target, Self { steps: [0; Self::LONGEST], length: 0 }) {
            Some(path) => path,
            None => panic!("the interface is not among the supertraits, or lies more than 8 deep"),
        }
    }

    /// Whether it leads to where it begins.
    pub(crate) const fn is_empty(self) -> bool {
        self.length == 0
    }

    #[allow(
        clippy::indexing_slicing,
        reason = "evaluated by the compiler; an index out of range does not compile"
    )]
    const fn search(from: &InterfaceLayout, target: &InterfaceLayout, so_far: Self) -> Option<Self> {
        if from.fingerprint.equals(target.fingerprint) {
            return Some(so_far);
        }
        if so_far.length == Self::LONGEST {
            return None;
        }
        let mut index = 0;
        while index < from.supers.len() {
            let mut next = so_far;
            next.steps[next.length] = index;
            next.length += 1;
            if let Some(found) = Self::search(from.supers[index], target, next) {
                return Some(found);
            }
            index += 1;
        }
        None
    }
}
