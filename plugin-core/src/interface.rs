//! Interfaces: traits whose objects cross the boundary, and their descriptions.

use crate::{
    held::CounterRef,
    instance::{Foreign, Instance},
    layout::{Argument, Fingerprint, Mentions, TypeLayout},
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
pub unsafe trait Interface: 'static {
    /// The description of the trait.
    const INTERFACE: &'static InterfaceLayout;

    /// The trait where a signature mentions it.
    #[doc(hidden)]
    const LEAF: &'static TypeLayout;

    /// The table for [`Erased`](crate::erased::Erased) objects.
    #[doc(hidden)]
    const ERASED: Vtable;

    /// What counts the objects of it that go out of this library.
    #[doc(hidden)]
    const COUNTER: CounterRef;

    /// An object of another library as the trait object: the cast from one pointer to the other.
    #[doc(hidden)]
    fn proxy(instance: *mut Instance<Self>) -> *mut Self;

    /// The object of another library that this is, if it is one.
    #[doc(hidden)]
    fn foreign(&self) -> Option<Foreign<'_>>;
}

/// An interface as a signature refers to it. It is an address that is read only where descriptions are written or
/// compared, because the interface may well have a method that mentions the interface.
#[derive(Debug, Clone, Copy)]
pub struct InterfaceRef {
    layout: *const InterfaceLayout,
    version: &'static str,
}

// SAFETY: the address of a constant.
unsafe impl Send for InterfaceRef {}
// SAFETY: as above.
unsafe impl Sync for InterfaceRef {}

impl InterfaceRef {
    /// Refers to a description, which may be still in the making.
    ///
    /// # Safety
    ///
    /// It is a static or a constant, of that version, and is complete when it is [read](Self::get).
    #[must_use]
    pub const unsafe fn new(layout: *const InterfaceLayout, version: &'static str) -> Self {
        Self { layout, version }
    }

    /// Its version, which is known before the description is complete.
    #[must_use]
    pub const fn version(self) -> &'static str {
        self.version
    }

    /// The description.
    #[must_use]
    pub const fn get(self) -> &'static InterfaceLayout {
        // SAFETY: `new` was promised that it lives for ever.
        unsafe { &*self.layout }
    }
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
    /// Generic arguments.
    pub arguments: &'static [Argument],
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
    /// The interfaces that signatures mention, whose methods count as well.
    pub(crate) mentions: Mentions,
    /// Digest of id, arguments, supertraits, auto traits and methods; not of the version.
    pub fingerprint: Fingerprint,
}

impl InterfaceLayout {
    /// Whether its signatures mention interfaces, which its fingerprint does not cover.
    #[must_use]
    pub const fn mentions_interfaces(&self) -> bool {
        self.mentions.are_some()
    }
}

/// Description of a method.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// Name.
    pub name: &'static str,
    /// How it takes the object.
    pub receiver: Receiver,
    /// The version of the interface that added it, if it has a default for older plugins; else empty.
    pub since: &'static str,
    /// Which lifetimes are the same, such as `'0 '1 -> '0`: numbered by first appearance, the receiver's first.
    pub lifetimes: &'static str,
    /// Parameters, receiver excepted, and result.
    pub signature: &'static TypeLayout,
    /// Digest of name, receiver, lifetimes and signature.
    pub fingerprint: Fingerprint,
}

/// How a method takes the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// `&self`
    Shared,
    /// `&mut self`
    Mutable,
    /// `self` or `self: Box<Self>`
    Owned,
}

impl Receiver {
    /// The number that stands for it in digests and descriptors.
    pub(crate) const fn code(self) -> u32 {
        match self {
            Self::Shared => 0,
            Self::Mutable => 1,
            Self::Owned => 2,
        }
    }
}

impl Method {
    /// Describes a method.
    #[must_use]
    pub const fn new(
        name: &'static str,
        receiver: Receiver,
        since: &'static str,
        lifetimes: &'static str,
        signature: &'static TypeLayout,
    ) -> Self {
        let fingerprint = Fingerprint::start("method")
            .text(name, receiver.code() as u64, 0)
            .text(lifetimes, 0, 0)
            .child(signature.fingerprint, 0, 0);
        Self { name, receiver, since, lifetimes, signature, fingerprint }
    }
}

impl InterfaceLayout {
    /// Describes an interface.
    #[must_use]
    pub const fn new(
        id: &'static str,
        arguments: &'static [Argument],
        version: &'static str,
        supers: &'static [&'static InterfaceLayout],
        is_send: bool,
        is_sync: bool,
        methods: &'static [Method],
    ) -> Self {
        let mut digest = Fingerprint::start("interface").text(id, is_send as u64, is_sync as u64);
        let mut mentions = Mentions::NONE;
        digest = digest.arguments(arguments);
        let mut rest = supers;
        while let [first, others @ ..] = rest {
            let mut further = others;
            while let [other, behind @ ..] = further {
                assert!(
                    !first.fingerprint.equals(other.fingerprint),
                    "two supertraits are one interface: depend on one version of its crate, or name other arguments"
                );
                further = behind;
            }
            digest = digest.child(first.fingerprint, 0, 0);
            mentions = mentions.and(first.mentions);
            rest = others;
        }
        let mut rest = methods;
        while let [first, others @ ..] = rest {
            digest = digest.child(first.fingerprint, !first.since.is_empty() as u64, 0);
            mentions = mentions.and(first.signature.mentions);
            rest = others;
        }
        Self { id, arguments, version, supers, is_send, is_sync, methods, mentions, fingerprint: digest }
    }
}
