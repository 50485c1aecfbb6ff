//! FFI-safe counterparts of the standard library's types, from `abi_stable`.
//!
//! An interface rarely names them: `#[plugin_interface]` converts `String`, `&str`, `Vec<T>`, `&[T]`, `Option`,
//! `Result` and tuples by itself. Use them in the fields of `#[derive(StableLayout)]` types, and where a value must
//! cross without a copy: an [`RVec`] keeps the allocator that made it, a `Vec` is copied into the receiver's.

pub use abi_stable::std_types::{
    RArc, RBox, RDuration, ROption, RResult, RSlice, RSliceMut, RStr, RString, RVec, Tuple1, Tuple2, Tuple3,
    Tuple4,
};

pub use crate::crossing::{AnySyncValue, AnyValue};
