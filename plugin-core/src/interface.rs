//! Interfaces: traits whose objects cross the boundary, and their descriptions.

use crate::{
    layout::{Fingerprint, TypeLayout},
    vtable::Vtable,
};

/// The trait object type of a trait under `#[plugin_interface]`, such as `dyn Codec`.
///
/// # Safety
///
/// Implemented by `#[plugin_interface]` alone, which keeps the description and the tables of functions in step.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an interface of plugins",
    label = "not an interface",
    note = "write `#[plugin_interface]` on the trait, and name it as `dyn Trait`; supertraits must be interfaces, too, or `Send`, `Sync`"
)]
pub unsafe trait Interface {
    /// The description of the trait.
    const INTERFACE: &'static InterfaceLayout;
}

/// An interface that `T` implements, and the table of functions that calls `T`.
///
/// # Safety
///
/// `VTABLE` has the methods of [`Interface::INTERFACE`] in their order, for objects of type `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no table of functions for an implementor",
    label = "not an interface",
    note = "write `#[plugin_interface]` on the trait"
)]
pub unsafe trait Implemented<T>: Interface {
    /// The table.
    const VTABLE: Vtable;
}

/// Description of a trait.
#[derive(Debug)]
pub struct InterfaceLayout {
    /// Identity across builds: crate and trait, `codec_api::Codec`.
    pub id: &'static str,
    /// Semantic version: that of the crate that declares the trait, unless the attribute says otherwise.
    pub version: &'static str,
    /// Supertraits that are interfaces, in order.
    pub supers: &'static [&'static InterfaceLayout],
    /// Whether every implementor is `Send`.
    pub is_send: bool,
    /// Whether every implementor is `Sync`.
    pub is_sync: bool,
    /// Methods, in the order of the table.
    pub methods: &'static [Method],
    /// Digest of id, supertraits, auto traits and methods; not of the version.
    pub fingerprint: Fingerprint,
}

/// Description of a method.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// Name.
    pub name: &'static str,
    /// Whether it takes `&mut self`, not `&self`.
    pub is_mut: bool,
    /// The version of the interface that added it, if it has a default for older plugins; else empty.
    pub since: &'static str,
    /// Which lifetimes are the same, such as `'0 '1 -> '0`: numbered by first appearance, the receiver's first.
    pub lifetimes: &'static str,
    /// Parameters, receiver excepted, and result.
    pub signature: &'static TypeLayout,
    /// Digest of name, receiver, lifetimes and signature.
    pub fingerprint: Fingerprint,
}

impl Method {
    /// Describes a method.
    #[must_use]
    pub const fn new(
        name: &'static str,
        is_mut: bool,
        since: &'static str,
        lifetimes: &'static str,
        signature: &'static TypeLayout,
    ) -> Self {
        let fingerprint = Fingerprint::start("method")
            .text(name, is_mut as u64, 0)
            .text(lifetimes, 0, 0)
            .child(signature.fingerprint, 0, 0);
        Self { name, is_mut, since, lifetimes, signature, fingerprint }
    }
}

impl InterfaceLayout {
    /// Describes an interface.
    #[must_use]
    pub const fn new(
        id: &'static str,
        version: &'static str,
        supers: &'static [&'static InterfaceLayout],
        is_send: bool,
        is_sync: bool,
        methods: &'static [Method],
    ) -> Self {
        let mut digest = Fingerprint::start("interface").text(id, is_send as u64, is_sync as u64);
        let mut rest = supers;
        while let [first, others @ ..] = rest {
            digest = digest.child(first.fingerprint, 0, 0);
            rest = others;
        }
        let mut rest = methods;
        while let [first, others @ ..] = rest {
            digest = digest.child(first.fingerprint, !first.since.is_empty() as u64, 0);
            rest = others;
        }
        Self { id, version, supers, is_send, is_sync, methods, fingerprint: digest }
    }
}
