//! What an object is beyond its trait: part of its type, so that a form is sent and shared only if the object may be.

use core::{cell::Cell, marker::PhantomData};

/// Neither `Send` nor `Sync`.
pub struct Plain(PhantomData<*mut ()>);

/// `Send`.
pub struct Sendable(PhantomData<Cell<()>>);

/// `Send` and `Sync`.
pub struct Shared(());
