//! What a plugin gets of the interfaces that it requires.

use crate::{
    abi::RString,
    instance::{Instance, RawObject},
    interface::{Interface, InterfaceLayout},
    layout::Fingerprint,
    root::Context,
};

/// An interface that a plugin may require. For generated code: without supertraits, so that the compiler says this alone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be required: it is no interface whose objects are shared between threads",
    label = "not an interface that is shared",
    note = "an interface is a trait under `#[plugin_interface]`, named as `dyn Trait`; add `: Send + Sync` to the trait"
)]
#[doc(hidden)]
pub trait Requirable {
    /// The description of the trait.
    const REQUIRED: &'static InterfaceLayout;
}

#[diagnostic::do_not_recommend]
impl<I: ?Sized + Interface + Send + Sync> Requirable for I {
    const REQUIRED: &'static InterfaceLayout = I::INTERFACE;
}

/// For hosts: an object that a plugin gets because it required its interface.
#[repr(C)]
pub struct Required {
    /// Of the interface, as the plugin knows it.
    interface: [u8; 16],
    object: RawObject,
    provider: RString,
}

// SAFETY: `new` is promised that the interface asks for `Send` and `Sync`.
unsafe impl Send for Required {}
// SAFETY: as above.
unsafe impl Sync for Required {}

impl core::fmt::Debug for Required {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Required").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl Required {
    /// An object, and who provides it.
    ///
    /// # Safety
    ///
    /// The object fits the interface with this fingerprint, as the plugin knows it; the interface asks for `Send` and
    /// `Sync`; and the object is dropped neither by the caller nor by anybody else.
    #[must_use]
    pub unsafe fn new(interface: Fingerprint, object: RawObject, provider: &str) -> Self {
        Self { interface: interface.to_le_bytes(), object, provider: provider.into() }
    }
}

impl Context {
    /// The object of an interface that the plugin requires: `#[export_plugin(requires(dyn Clock = "1.2"))]`.
    ///
    /// If the host provides one, it is that; else that of the plugin with the highest version of the interface; among equal
    /// ones that of the plugin whose name, and then whose path, comes first. It is there from `#[init]` on, and valid until
    /// the process ends.
    ///
    /// ```
    /// use plugin_core::{Context, Instance, export_plugin, plugin_interface};
    ///
    /// #[plugin_interface]
    /// pub trait Clock: Send + Sync {
    ///     fn now(&self) -> u64;
    /// }
    ///
    /// #[plugin_interface]
    /// pub trait Stopwatch: Send + Sync {
    ///     fn elapsed(&self) -> u64;
    /// }
    ///
    /// struct Since(&'static Instance<dyn Clock>, u64);
    ///
    /// impl Stopwatch for Since {
    ///     fn elapsed(&self) -> u64 {
    ///         self.0.now() - self.1
    ///     }
    /// }
    ///
    /// #[export_plugin(requires(dyn Clock))]
    /// pub mod plugin {
    ///     use super::{Clock, Context, Since, Stopwatch};
    ///
    ///     #[provides]
    ///     fn stopwatch(context: &'static Context) -> impl Stopwatch {
    ///         let clock = context.required::<dyn Clock>();
    ///         Since(clock, clock.now())
    ///     }
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If the plugin does not declare that it requires the interface, or declares it as `optional` and there is none:
    /// ask with [`optional`](Self::optional).
    #[must_use]
    pub fn required<I: ?Sized + Interface + Send + Sync>(&self) -> &Instance<I> {
        match self.optional::<I>() {
            Some(object) => object,
            None => panic!(
                "`{0}` is not among what this plugin requires: write `#[export_plugin(requires(dyn …))]`, or ask for what is optional by `Context::optional`",
                I::INTERFACE.id
            ),
        }
    }

    /// As [`required`](Self::required), of an interface that the plugin requires as `requires(optional dyn Clock)`.
    #[must_use]
    pub fn optional<I: ?Sized + Interface + Send + Sync>(&self) -> Option<&Instance<I>> {
        self.providers::<I>().next().map(|(_, object)| object)
    }

    /// All there is of an interface that the plugin requires, in the order of preference: name and version of each plugin
    /// that provides it, or `the host`, and its object.
    pub fn providers<I: ?Sized + Interface + Send + Sync>(
        &self,
    ) -> impl Iterator<Item = (&str, &Instance<I>)> {
        let wanted = const { I::INTERFACE.fingerprint.to_le_bytes() };
        self.required_objects().iter().filter(move |required| required.interface == wanted).map(|required| {
            // SAFETY: `Required::new` was promised that it fits this plugin's description, which has this fingerprint, and
            // that nobody drops it.
            (required.provider.as_str(), unsafe { Instance::from_ref(&required.object) })
        })
    }
}
