//! A plugin whose items are called like what generated code uses, in a module without unsafe code.

#![forbid(unsafe_code)]
#![allow(
    unreachable_pub,
    clippy::unnecessary_wraps,
    reason = "what a plugin exports is `pub`, and this is no library"
)]

use plugin_core::{Context, export_plugin, plugin_interface};

/// An interface.
#[plugin_interface]
pub trait Counts {
    /// Counts.
    fn count(&self) -> u32;
}

/// Another one, by path.
#[plugin_interface]
pub trait Sums {
    /// Sums up.
    fn sum(&self, numbers: &[u32]) -> u32;
}

struct Object;

impl Counts for Object {
    fn count(&self) -> u32 {
        1
    }
}

impl Sums for Object {
    fn sum(&self, numbers: &[u32]) -> u32 {
        numbers.iter().sum()
    }
}

/// The plugin.
#[export_plugin]
pub mod plugin {
    use std::sync::atomic::AtomicU32;

    use super::{Context, Counts, Object};

    /// A static.
    pub static ROOT: AtomicU32 = AtomicU32::new(0);
    /// A raw name.
    #[allow(non_upper_case_globals, reason = "names are what is tested")]
    pub static r#static: u32 = 1;

    /// Called like an argument of generated code.
    #[must_use]
    pub const fn argument_0(argument_0: u32) -> u32 {
        argument_0
    }

    /// A raw name, a pattern, lifetimes and attributes.
    #[must_use]
    #[allow(clippy::needless_lifetimes, reason = "lifetimes are what is tested")]
    pub fn r#type<'a>(mut first: &'a str, _: &str) -> &'a str {
        if first.is_empty() {
            first = "empty";
        }
        first
    }

    /// Deprecated.
    #[deprecated = "tested"]
    pub fn entry() {}

    #[provides]
    fn context(context: &'static Context) -> impl Counts + Send {
        let _ = context;
        Object
    }

    #[provides(super::Sums)]
    fn object() -> Result<Object, String> {
        if ROOT.load(std::sync::atomic::Ordering::Relaxed) == 0 { Ok(Object) } else { Err("no".into()) }
    }

    #[init]
    fn init(_: &Context) {}

    #[shutdown]
    fn shutdown() -> Result<(), std::fmt::Error> {
        Ok(())
    }

    #[save(version = 2)]
    fn save() -> Result<(u32, String), std::fmt::Error> {
        Ok((ROOT.load(std::sync::atomic::Ordering::Relaxed), String::new()))
    }

    #[restore(version = 2)]
    fn restore(_: (u32, String)) {}

    #[restore]
    fn state(state: u32) -> Result<(), &'static str> {
        ROOT.store(state, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }
}
