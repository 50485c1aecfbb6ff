//! The example of the documentation of Go's `plugin` package: a variable and a function.

use plugin_core::export_plugin;

/// The plugin: what is public here can be looked up.
#[export_plugin]
pub mod plugin {
    use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

    /// The number that [`f`] prints.
    pub static V: AtomicI64 = AtomicI64::new(0);

    /// Prints a greeting with [`V`].
    pub fn f() {
        let number = V.load(Relaxed);
        println!("Hello, number {number}");
        log::info!("greeted number {number}");
    }

    /// A greeting for `name`.
    pub fn greet(name: &str) -> String {
        format!("Hello, {name}")
    }
}
