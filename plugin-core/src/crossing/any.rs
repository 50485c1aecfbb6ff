//! Values whose type only the two ends know.

use core::{ffi::c_void, fmt, marker::PhantomData, mem::ManuallyDrop, ptr::NonNull};

use super::as_is;
use crate::{
    abi::RStr,
    guard::Outcome,
    held::VALUES,
    layout::{StableLayout, TypeLayout},
};

/// A value of any type with a stable layout: what `Box<dyn Any + Send>` is within one build.
///
/// It is known by the [fingerprint](TypeLayout::fingerprint) of its description. That is sound because equal descriptions
/// are all that [`StableLayout`] asks for where a value of one build is used by another: name, declaring crate, arguments,
/// fields, offsets and variants, hashed to 128 bits. By accident two descriptions do not meet in a space that large: among
/// a million types the odds are about 2⁻⁸⁹. Somebody who wants them to meet can have them meet, and is a plugin's author,
/// whose code runs in the process anyway.
///
/// The library that made the value frees its memory, and drops it if nobody took it out. A panic in the value's destructor
/// goes on in whoever drops it.
///
/// ```
/// use plugin_core::{StableLayout, abi::AnyValue};
///
/// #[derive(Debug, StableLayout)]
/// #[repr(C)]
/// struct Point {
///     x: i32,
///     y: i32,
/// }
///
/// let mut value = AnyValue::new(Point { x: 1, y: 2 });
/// value.downcast_mut::<Point>().unwrap().y = 3;
/// assert!(value.downcast_ref::<u32>().is_none());
/// assert_eq!(value.downcast::<Point>().unwrap().y, 3);
/// ```
///
/// An object of an interface is no such value: its description does not say which methods the interface has.
///
/// ```compile_fail
/// use plugin_core::{Instance, abi::AnyValue, plugin_interface};
///
/// #[plugin_interface]
/// trait Codec: Send {}
///
/// struct Lz4;
///
/// impl Codec for Lz4 {}
///
/// AnyValue::new(Instance::<dyn Codec>::new(Lz4));
/// ```
#[repr(C)]
pub struct AnyValue {
    data: NonNull<c_void>,
    table: *const Table,
}

/// What a value's library does with it.
#[repr(C)]
struct Table {
    fingerprint: [u8; 16],
    name: RStr<'static>,
    /// Drops the value and frees its memory.
    drop: unsafe extern "C" fn(NonNull<c_void>) -> Outcome<()>,
    /// Frees the memory of a value that was moved out.
    free: unsafe extern "C" fn(NonNull<c_void>) -> Outcome<()>,
}

struct TableOf<T>(PhantomData<T>);

impl<T: StableLayout> TableOf<T> {
    const TABLE: &'static Table = &Table {
        fingerprint: T::TYPE_LAYOUT.whole_fingerprint().to_le_bytes(),
        name: RStr::from_str(T::TYPE_LAYOUT.name),
        drop: drop_value::<T>,
        free: drop_value::<ManuallyDrop<T>>,
    };
}

// SAFETY: `new` and `downcast` ask for types that are `Send`.
unsafe impl Send for AnyValue {}

impl AnyValue {
    /// Hides the type of a value: one allocation.
    #[must_use]
    pub fn new<T: StableLayout + Send + 'static>(value: T) -> Self {
        Self::hide(value)
    }

    fn hide<T: StableLayout + 'static>(value: T) -> Self {
        let data = NonNull::from(Box::leak(Box::new(value))).cast();
        VALUES.out();
        Self { data, table: TableOf::<T>::TABLE }
    }

    /// Whether the value is a `T`.
    #[must_use]
    pub fn is<T: StableLayout + Send + 'static>(&self) -> bool {
        self.table().fingerprint == const { T::TYPE_LAYOUT.whole_fingerprint() }.to_le_bytes()
    }

    /// The value, if it is a `T`.
    #[must_use]
    pub fn downcast_ref<T: StableLayout + Send + 'static>(&self) -> Option<&T> {
        // SAFETY: its type has the description of `T`, so it may be used as one.
        self.is::<T>().then(|| unsafe { self.data.cast().as_ref() })
    }

    /// The value, if it is a `T`.
    #[must_use]
    pub fn downcast_mut<T: StableLayout + Send + 'static>(&mut self) -> Option<&mut T> {
        // SAFETY: as for `downcast_ref`.
        self.is::<T>().then(|| unsafe { self.data.cast().as_mut() })
    }

    /// Takes the value out.
    ///
    /// # Errors
    ///
    /// This very value, if it is not a `T`.
    pub fn downcast<T: StableLayout + Send + 'static>(self) -> Result<T, Self> {
        if !self.is::<T>() {
            return Err(self);
        }
        let this = ManuallyDrop::new(self);
        // SAFETY: it may be used as a `T`, and is read once: `free` does not drop it.
        let value = unsafe { this.data.cast::<T>().read() };
        // SAFETY: the value was moved out, and this was its one owner.
        match unsafe { (this.table().free)(this.data) }.into_result() {
            Ok(()) => Ok(value),
            Err(panic) => panic.resume(),
        }
    }

    /// The name of the value's type, for messages: without path and arguments.
    #[must_use]
    pub fn type_name(&self) -> &str {
        self.table().name.as_str()
    }

    fn table(&self) -> &'static Table {
        // SAFETY: made by `hide`, which had it for ever.
        unsafe { &*self.table }
    }
}

impl Drop for AnyValue {
    fn drop(&mut self) {
        // SAFETY: this is the value's one owner, and the function is its own library's.
        let dropped = unsafe { (self.table().drop)(self.data) };
        dropped.resume_drop();
    }
}

impl fmt::Debug for AnyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyValue({})", self.type_name())
    }
}

/// An [`AnyValue`] that threads can share: of a type that is `Sync` as well.
#[repr(transparent)]
pub struct AnySyncValue(AnyValue);

// SAFETY: `new` and `downcast_ref` ask for types that are `Sync`.
unsafe impl Sync for AnySyncValue {}

impl AnySyncValue {
    /// Hides the type of a value: one allocation.
    #[must_use]
    pub fn new<T: StableLayout + Send + Sync + 'static>(value: T) -> Self {
        Self(AnyValue::hide(value))
    }

    /// Whether the value is a `T`.
    #[must_use]
    pub fn is<T: StableLayout + Send + Sync + 'static>(&self) -> bool {
        self.0.is::<T>()
    }

    /// The value, if it is a `T`.
    #[must_use]
    pub fn downcast_ref<T: StableLayout + Send + Sync + 'static>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }

    /// The value, if it is a `T`.
    #[must_use]
    pub fn downcast_mut<T: StableLayout + Send + Sync + 'static>(&mut self) -> Option<&mut T> {
        self.0.downcast_mut()
    }

    /// Takes the value out.
    ///
    /// # Errors
    ///
    /// This very value, if it is not a `T`.
    pub fn downcast<T: StableLayout + Send + Sync + 'static>(self) -> Result<T, Self> {
        self.0.downcast().map_err(Self)
    }

    /// The name of the value's type, for messages: without path and arguments.
    #[must_use]
    pub fn type_name(&self) -> &str {
        self.0.type_name()
    }
}

impl From<AnySyncValue> for AnyValue {
    fn from(value: AnySyncValue) -> Self {
        value.0
    }
}

impl fmt::Debug for AnySyncValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnySyncValue({})", self.type_name())
    }
}

// SAFETY: `repr(C)` over two words, which `ABI_FORMAT` stands for; the name is that of no other.
unsafe impl StableLayout for AnyValue {
    const TYPE_LAYOUT: &'static TypeLayout = &TypeLayout::opaque::<Self>("AnyValue", &[]);
}

// SAFETY: as for `AnyValue`.
unsafe impl StableLayout for AnySyncValue {
    const TYPE_LAYOUT: &'static TypeLayout = &TypeLayout::opaque::<Self>("AnySyncValue", &[]);
}

as_is!([] AnyValue);
as_is!([] AnySyncValue);

/// # Safety
///
/// `data` was leaked as a box of a type with the layout of `T`, and its owner gives it up.
unsafe extern "C" fn drop_value<T>(data: NonNull<c_void>) -> Outcome<()> {
    // SAFETY: the caller's promise.
    let dropped = Outcome::of(|| drop(unsafe { Box::from_raw(data.cast::<T>().as_ptr()) }));
    VALUES.back();
    dropped
}
