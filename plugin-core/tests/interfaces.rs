//! What may be written in an interface: each is compiled, and called through its table as an object of another library
//! is.

#![deny(
    warnings,
    missing_docs,
    unused_qualifications,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    reason = "generated code must be quiet in the strictest crate"
)]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers as well"
)]

#[path = "interfaces/any.rs"]
mod any;
#[path = "interfaces/asynchronous.rs"]
mod asynchronous;
#[path = "interfaces/defaults.rs"]
mod defaults;
#[path = "interfaces/errors.rs"]
mod errors;
#[path = "interfaces/exports.rs"]
mod exports;
#[path = "interfaces/iterators.rs"]
mod iterators;
#[path = "interfaces/lifetimes.rs"]
mod lifetimes;
#[path = "interfaces/names.rs"]
mod names;
#[path = "interfaces/objects.rs"]
mod objects;
#[path = "interfaces/panics.rs"]
mod panics;
#[path = "interfaces/shadowing.rs"]
mod shadowing;
#[path = "interfaces/standard.rs"]
mod standard;
#[path = "interfaces/supertraits.rs"]
mod supertraits;
#[path = "interfaces/values.rs"]
mod values;
