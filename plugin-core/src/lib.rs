//! The contract that a plugin and its host both compile: FFI-safe types, layouts, descriptors, compatibility rules.
//!
//! Writing a host? You want `plugin-host`. Writing a plugin or an interface, this is the crate to depend on:
//! [`plugin_interface`] declares an interface, [`Crossing`](macro@Crossing) and [`StableLayout`](macro@StableLayout) the
//! types in it, [`export_plugin`] makes a crate a plugin.

// The macros name this crate by its name, in this crate as well.
extern crate self as plugin_core;

pub mod abi;
mod allocation;
mod closure;
pub mod compat;
pub mod crossing;
pub mod descriptor;
mod entry;
mod erased;
mod future;
mod guard;
mod held;
mod home;
mod instance;
mod interface;
mod layout;
#[doc(hidden)]
pub mod logs;
mod requirement;
mod root;
mod runtime;
mod signature;
mod state;
pub mod thread;
mod toolchain;
mod vtable;

pub use plugin_macros::{Crossing, StableLayout, export_plugin, plugin_interface};

pub use allocation::Allocator;
pub use crossing::{Crossing, StableError};
pub use guard::PluginPanic;
pub use instance::{Instance, RawObject};
pub use interface::{Implemented, Interface, InterfaceLayout, InterfaceRef, Method, Receiver};
pub use layout::{
    Argument, Declaration, Field, Fingerprint, Function, PointerKind, Shape, StableLayout, TypeLayout,
    Variant,
};
#[doc(hidden)]
pub use requirement::Requirable;
pub use requirement::Required;
pub use root::{Context, RootModule};
pub use signature::{Function as ExportedFunction, Signature};
pub use toolchain::{ABI_FORMAT, Endianness, ForwardedLogs, PanicStrategy, Toolchain};

/// For generated code and for `plugin-host`; not part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use std::{boxed::Box, vec::Vec};

    #[inline]
    pub fn vec<T>(vector: crate::abi::RVec<T>) -> Vec<T> {
        crate::allocation::vec(vector)
    }

    pub use crate::{
        abi::RResult,
        closure::{Callback, Closure},
        crossing::{
            Argument, AsIs, Crossing, box_from_abi, box_into_abi,
            growing::{Block, BlockField, Growing, GrownEnum, GrownStruct, Head, VariantKind},
            objects::{
                Lent, LentMut, receive_object, receive_object_mut, send_object, send_object_mut, share_object,
            },
        },
        entry::{Receive, Taken, closure_owned, object, object_mut, object_owned},
        erased::Erased,
        future::{Admits, Anywhere, Boxed, Either, ForeignFuture, Here, RawFuture, Runs, output_of},
        guard::{Outcome, Recovery, Resume, record},
        held::{Counter, CounterRef, Kind, Ledger, Watcher, ledger},
        home::{Home, known},
        instance::{Construct, Foreign},
        layout::Argument as GenericArgument,
        root::{
            Address, Begin, Completion, ConstructFn, Fallible, HostCopy, LifecycleFn, Opens, Start, fallible,
        },
        state::{Arrived, RawState, SavedState, arrived, restore, same_state, save, state_layout},
        vtable::{Path, Slot, Table, Vtable, absent},
    };
}

/// The examples of the guide, which compile and hold.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../../docs/guide/async.md")]
    struct Async;
    #[doc = include_str!("../../docs/guide/interfaces.md")]
    struct Interfaces;
    #[doc = include_str!("../../docs/guide/types.md")]
    struct Types;
    #[doc = include_str!("../../docs/guide/evolving.md")]
    struct Evolving;
}
