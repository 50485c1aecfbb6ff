//! Plugins that are linked into this program: the same crates, through the same [`Host`](crate::Host).

mod ending;

use std::{
    env, fmt, fs,
    panic::PanicHookInfo,
    path::{Path, PathBuf},
    ptr,
    sync::LazyLock,
};

use plugin_core::{ABI_FORMAT, RootModule, compat::Mismatch, descriptor::Descriptor};

use crate::{decode, error::OpenError, loaded, refusal::Refusal};

pub(crate) use ending::{hold, release};

/// The plugins that are linked into this program, as [`link!`](crate::link) lists them, for
/// [`Host::linked`](crate::Host::linked) and [`Host::linking`](crate::Host::linking).
#[derive(Clone, Copy, Default)]
pub struct Linked(&'static [LinkedPlugin]);

/// A plugin that is linked into this program. For the expansion of [`link!`](crate::link).
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct LinkedPlugin {
    name: &'static str,
    root: &'static RootModule,
}

impl Linked {
    /// For the expansion of [`link!`](crate::link).
    #[doc(hidden)]
    #[must_use]
    pub const fn new(plugins: &'static [LinkedPlugin]) -> Self {
        Self(plugins)
    }

    /// The names by which they are opened: those of their crates, as they stand in `link!`.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.0.iter().map(|plugin| plugin.name)
    }

    pub(crate) fn plugins(&self) -> impl Iterator<Item = LinkedPlugin> + use<> {
        self.0.iter().copied()
    }
}

impl fmt::Debug for Linked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl fmt::Debug for LinkedPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)
    }
}

impl LinkedPlugin {
    /// A plugin without a name yet.
    ///
    /// # Safety
    ///
    /// `root` is what `#[export_plugin]` declared in the plugin's crate.
    #[must_use]
    pub const unsafe fn new(root: &'static RootModule) -> Self {
        Self { name: "", root }
    }

    /// The plugin with the name of its crate.
    #[must_use]
    pub const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    pub(crate) fn name(self) -> &'static str {
        self.name
    }

    /// Whether it is called so: `-` is as good as `_`, as for files.
    pub(crate) fn is_called(self, name: &str) -> bool {
        self.name == name.replace('-', "_")
    }

    pub(crate) fn root(self) -> &'static RootModule {
        self.root
    }

    /// What tells it from every other plugin.
    pub(crate) fn address(self) -> usize {
        ptr::from_ref(self.root).addr()
    }

    /// Its description, which is in this program's memory as the plugin's macros wrote it.
    pub(crate) fn descriptor(self) -> Result<Descriptor<'static>, OpenError> {
        let refused =
            |mismatch| OpenError::Refused(Refusal::new(program(), self.name.to_owned(), vec![mismatch]));
        // Two releases of plugin-core may be in one program: of another one's root module only this much is known.
        if self.root.abi_format() != ABI_FORMAT {
            return Err(refused(Mismatch {
                path: "ABI format of plugin-core".to_owned(),
                expected: ABI_FORMAT.to_string(),
                found: self.root.abi_format().to_string(),
                advice: "have the plugin and the host depend on the same version of plugin-core".to_owned(),
            }));
        }
        let unreadable = |found: String| {
            refused(Mismatch {
                path: "descriptor".to_owned(),
                expected: "the one that `#[export_plugin]` wrote".to_owned(),
                found,
                advice: "build the program anew".to_owned(),
            })
        };
        let descriptor =
            decode::whole(self.root.descriptor()).map_err(|error| unreadable(error.to_string()))?;
        match loaded::is_complete(self.root, &descriptor) {
            true => Ok(descriptor),
            false => Err(unreadable("one of another plugin".to_owned())),
        }
    }
}

/// Remembers where a panic happened, so that a [`PluginPanic`](plugin_core::PluginPanic) of a linked plugin has a
/// [location](plugin_core::PluginPanic::location) and a backtrace: call it in this program's panic hook.
///
/// A plugin that is loaded has a panic hook of its own, which does this. One that is linked shares the program's, which no
/// plugin touches.
///
/// ```
/// let previous = std::panic::take_hook();
/// std::panic::set_hook(Box::new(move |info| {
///     plugin_host::record_panic(info);
///     previous(info);
/// }));
/// ```
pub fn record_panic(info: &PanicHookInfo<'_>) {
    plugin_core::__private::record(info);
}

/// The file that linked plugins are in; empty where the system does not tell.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: LazyLock<PathBuf> =
        LazyLock::new(|| env::current_exe().and_then(fs::canonicalize).unwrap_or_default());
    &PROGRAM
}

/// The plugin whose root module a crate exports under this symbol. The crate's own `__marked_with_export_plugin!` names it.
#[doc(hidden)]
#[macro_export]
macro_rules! __linked_plugin {
    ($symbol:literal) => {{
        unsafe extern "C" {
            #[link_name = $symbol]
            static ROOT: $crate::__private::plugin_core::RootModule;
        }
        // SAFETY: the symbol is that of the one static that `#[export_plugin]` declares in the crate which says so, and the
        // program does not link without it.
        unsafe { $crate::__private::LinkedPlugin::new(&ROOT) }
    }};
}
