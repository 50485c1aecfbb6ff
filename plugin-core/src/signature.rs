//! Exported functions: their types, and calling them.

use core::{fmt, marker::PhantomData};

use crate::{
    crossing::{Argument, Crossing},
    guard::{Outcome, PluginPanic},
    layout::{Field, StableLayout, TypeLayout},
    vtable::Slot,
};

/// A function type that can be looked up in a plugin: `fn(A, …) -> R` or `unsafe fn(A, …) -> R`, of up to eight
/// arguments.
///
/// References in it are `'static` (any other cannot be named here); the `symbol!` macro of `plugin-host` takes every
/// signature.
///
/// # Safety
///
/// `SIGNATURE` describes the FFI-safe forms of the arguments and the result.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of a function that a plugin can export",
    note = "write `fn(A, B) -> R` with types that cross the boundary; with references in the signature use `symbol!(plugin, name: fn(text: &str) -> String)`"
)]
pub unsafe trait Signature: 'static {
    /// The description of the signature.
    const SIGNATURE: &'static TypeLayout;
}

/// An exported function, typed.
///
/// It stays callable for as long as the process lives: plugins are never unmapped.
pub struct Function<F> {
    entry: Slot,
    signature: PhantomData<F>,
}

impl<F> Clone for Function<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Function<F> {}

impl<F> fmt::Debug for Function<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function<{}>", core::any::type_name::<F>())
    }
}

impl<F: Signature> Function<F> {
    /// Types an entry.
    ///
    /// # Safety
    ///
    /// `entry` is that of an exported function whose description equals `F::SIGNATURE`.
    #[must_use]
    pub unsafe fn new(entry: Slot) -> Self {
        Self { entry, signature: PhantomData }
    }
}

macro_rules! signatures {
    ($([$($name:ident $value:ident)*])+) => {$(
        signatures!(@ [$($name $value)*] [fn($($name),*) -> R] false []);
        signatures!(@ [$($name $value)*] [unsafe fn($($name),*) -> R] true [unsafe]);
    )+};
    (@ [$($name:ident $value:ident)*] [$path:ty] $is_unsafe:literal [$($keyword:tt)?]) => {
        // SAFETY: every argument and the result are described in their FFI-safe forms.
        unsafe impl<R: Crossing + 'static, $($name: Argument + 'static),*> Signature for $path {
            const SIGNATURE: &'static TypeLayout = &TypeLayout::signature(
                $is_unsafe,
                &[$(Field { name: "", offset: 0, layout: <$name::Abi>::TYPE_LAYOUT }),*],
                <R::Abi>::TYPE_LAYOUT,
            );
        }

        impl<R: Crossing + 'static, $($name: Argument + 'static),*> Function<$path> {
            /// Calls the function.
            ///
            /// # Panics
            ///
            /// Goes on with a panic of the plugin; [`try_call`](Self::try_call) returns it.
            #[expect(clippy::allow_attributes, reason = "shared by all arities")]
            #[allow(clippy::too_many_arguments, clippy::missing_safety_doc, reason = "as many as the function has")]
            #[inline]
            pub $($keyword)? fn call(&self, $($value: $name),*) -> R {
                #[allow(unused_unsafe, reason = "needed where the exported function is `unsafe`")]
                // SAFETY: the caller vouches for an `unsafe` function as for any other.
                match unsafe { self.try_call($($value),*) } {
                    Ok(value) => value,
                    Err(panic) => panic.resume(),
                }
            }

            /// Calls the function.
            ///
            /// # Errors
            ///
            /// The panic, if the function panics.
            #[allow(clippy::too_many_arguments, clippy::missing_safety_doc, reason = "as many as the function has")]
            #[inline]
            pub $($keyword)? fn try_call(&self, $($value: $name),*) -> Result<R, PluginPanic> {
                type Entry<R, $($name),*> =
                    unsafe extern "C" fn($(<$name as Argument>::Abi),*) -> Outcome<<R as Crossing>::Abi>;
                // SAFETY: `new` was promised an entry of this signature.
                let entry: Entry<R, $($name),*> = unsafe { self.entry.restore() };
                // SAFETY: called with the forms it takes; what they borrow is `'static` or lent for the call.
                let outcome = signatures!(@send [$($name $value)*] unsafe { entry($($value),*) });
                // SAFETY: the other side made the value with `into_abi` of the same type.
                outcome.into_result().map(|value| unsafe { R::from_abi(value) })
            }
        }
    };
    (@send [] $call:expr) => { $call };
    (@send [$name:ident $value:ident $($rest:tt)*] $call:expr) => {
        <$name as Argument>::send($value, |$value| signatures!(@send [$($rest)*] $call))
    };
}

signatures! {
    [] [A a] [A a B b] [A a B b C c] [A a B b C c D d] [A a B b C c D d E e] [A a B b C c D d E e F f]
    [A a B b C c D d E e F f G g] [A a B b C c D d E e F f G g H h]
}
