//! Interfaces of which a plugin has one object for the whole process.
#![forbid(unsafe_code)]

use plugin_core::Interface;

/// An interface whose objects may be shared between threads: every interface that asks for `Send + Sync`.
///
/// ```
/// # use plugin_core::plugin_interface;
/// # use plugin_host::Shared;
/// #[plugin_interface]
/// pub trait Codec: Send + Sync {
///     fn compress(&self, input: &[u8]) -> Vec<u8>;
/// }
///
/// fn takes<I: ?Sized + Shared>() {}
/// takes::<dyn Codec>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no interface whose objects are shared between threads",
    label = "not shared between threads",
    note = "add `: Send + Sync` to the trait, or use `plugin.instantiate()`, which makes an object that is yours alone",
    note = "an interface is a trait under `#[plugin_interface]`, named as `dyn Trait`"
)]
pub trait Shared: Interface + Send + Sync {}

#[diagnostic::do_not_recommend]
impl<I: ?Sized + Interface + Send + Sync> Shared for I {}
