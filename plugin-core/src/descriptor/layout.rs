//! What a descriptor is made from: the plugin as constants.

use crate::{
    interface::InterfaceLayout,
    layout::{Fingerprint, TypeLayout},
    toolchain::Toolchain,
};

/// Description of a whole plugin.
#[derive(Debug)]
pub struct PluginLayout {
    /// Name of the package.
    pub name: &'static str,
    /// Version of the package.
    pub version: &'static str,
    /// Name of the exported symbol of the root module.
    pub root_symbol: &'static str,
    /// The build.
    pub toolchain: Toolchain<'static>,
    /// Provided interfaces, in the order of the root module's constructors.
    pub provides: &'static [&'static InterfaceLayout],
    /// Interfaces that the plugin requires of its host and of other plugins.
    pub requires: &'static [RequirementLayout],
    /// Exported functions and statics, in the order of the root module's addresses.
    pub symbols: &'static [SymbolLayout],
    /// `#[save]` and `#[restore]`, in the order of the addresses behind those of the symbols.
    pub state: &'static [StateLayout],
}

/// An interface that a plugin requires.
#[derive(Debug, Clone, Copy)]
pub struct RequirementLayout {
    /// The interface, as the plugin knows it.
    pub interface: &'static InterfaceLayout,
    /// The versions that will do, as cargo writes them; empty for every compatible one.
    pub versions: &'static str,
    /// Whether the plugin starts without it as well.
    pub is_optional: bool,
}

/// Description of an exported function or static.
#[derive(Debug, Clone, Copy)]
pub struct SymbolLayout {
    /// Name.
    pub name: &'static str,
    /// Function or static.
    pub kind: SymbolKind,
    /// As for a method: which lifetimes are the same.
    pub lifetimes: &'static str,
    /// Type of the static, or signature of the function.
    pub layout: &'static TypeLayout,
}

/// Description of a `#[save]` or `#[restore]`.
#[derive(Debug, Clone, Copy)]
pub struct StateLayout {
    /// Which of the two.
    pub role: StateRole,
    /// The version of the state that it saves or restores.
    pub version: u32,
    /// Type of the state, in its FFI-safe form.
    pub layout: &'static TypeLayout,
}

/// What a function does with the plugin's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateRole {
    /// `#[save]`
    Save,
    /// `#[restore]`
    Restore,
}

/// Kind of an exported symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolKind {
    /// `pub fn`
    Function,
    /// `pub static`
    Static,
}

impl SymbolLayout {
    /// Digest of kind, lifetimes and type.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        let kind = match self.kind {
            SymbolKind::Function => 1,
            SymbolKind::Static => 2,
        };
        Fingerprint::start("symbol").text(self.lifetimes, kind, 0).child(self.layout.fingerprint, 0, 0)
    }
}
