//! The example of Go's `plugin` package: a variable and a function, by name.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use plugin_host::{LookupError, Plugin};

pub(crate) const NUMBER: i64 = 7;

/// Whether the plugin exports what the example does; whether its types are the right ones shows when it is used.
pub(crate) fn is_like(plugin: &Plugin) -> bool {
    ["V", "f"].iter().all(|name| plugin.symbols().any(|symbol| symbol.name == *name))
}

/// Sets the plugin's `V` and calls its `f`, which prints it.
pub(crate) fn greet(plugin: &Plugin) -> Result<(), LookupError> {
    let v = plugin.lookup::<AtomicI64>("V")?;
    let f = plugin.lookup_fn::<fn()>("f")?;
    v.store(NUMBER, Relaxed);
    f.call();
    Ok(())
}
