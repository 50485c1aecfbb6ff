//! The plugin as one host has it.

mod objects;
mod retire;
mod shutdown;
mod stale;

use std::{fmt, path::Path, sync::Arc};

use plugin_core::{
    __private::Address,
    compat::display_type,
    descriptor::{DecodeError, Descriptor, Head, SymbolEntry, SymbolKind},
};

pub use stale::Stale;

use crate::{
    loaded::Loaded,
    refusal::Refusal,
    slot::{Line, Tenure},
    verify::{self, Known},
    view::View,
};

/// A loaded plugin, as one host has it.
///
/// A handle: cheap to clone, and dropping the last one unloads nothing. What was obtained from a plugin (objects,
/// functions, references to statics, text) stays valid until the process ends.
///
/// The library exists once in the process, with its statics and its objects, however many hosts open it. Each host has
/// handles of its own: [`shutdown`](Self::shutdown) takes the plugin from one host and not from the others.
pub struct Plugin(&'static View);

/// An exported function or static.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SymbolInfo {
    /// Name.
    pub name: String,
    /// Function or static.
    pub kind: SymbolKind,
    /// The type of a static or the signature of a function, as Rust writes it; or why the plugin's types cannot be read.
    pub ty: String,
}

impl Plugin {
    pub(crate) fn new(view: &'static View) -> Self {
        view.handles.take();
        Self(view)
    }

    /// The plugin's name: that of its package.
    #[must_use]
    pub fn name(&self) -> &str {
        self.head().name
    }

    /// The plugin's version: that of its package.
    #[must_use]
    pub fn version(&self) -> &str {
        self.head().version
    }

    /// The file that its code is in, with every link resolved: the one that it was loaded from, or this program's where it
    /// is [linked](crate::link) into that.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.loaded().path
    }

    /// Whether it is linked into this program: whether it has no file of its own.
    #[must_use]
    pub fn is_linked(&self) -> bool {
        self.loaded().is_linked()
    }

    /// The plugin's own description but for the types: interfaces, symbols, toolchain.
    #[must_use]
    pub fn head(&self) -> &Head<'static> {
        &self.loaded().head
    }

    /// The plugin's own description, with the types, which are decoded when somebody asks for the first time.
    ///
    /// # Errors
    ///
    /// What is wrong with the table of types; nothing in what a compiler wrote. Where an open needed it, the plugin was refused.
    pub fn descriptor(&self) -> Result<&Descriptor<'static>, DecodeError> {
        self.loaded().descriptor()
    }

    /// The exported functions and statics.
    pub fn symbols(&self) -> impl ExactSizeIterator<Item = SymbolInfo> + '_ {
        let descriptor = self.descriptor();
        self.head().symbols().iter().map(move |symbol| SymbolInfo {
            name: symbol.name.to_owned(),
            kind: symbol.kind,
            ty: match descriptor {
                Ok(descriptor) => display_type(descriptor, symbol.layout).to_string(),
                Err(error) => error.to_string(),
            },
        })
    }

    /// Whether the plugin provides what a host requires of it.
    pub(crate) fn require(&self, known: Known) -> Result<(), Refusal> {
        let refuse = |mismatches| Refusal::new(self.path(), self.to_string(), mismatches);
        match verify::fit(known, self.head()) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(refuse(vec![verify::not_provided(known, self.head())])),
            Err(mismatches) => Err(refuse(mismatches)),
        }
    }

    /// The exported symbol of a name: its place among them, its description and its address.
    pub(crate) fn symbol(&self, name: &str) -> Option<(usize, &SymbolEntry<'static>, Address)> {
        self.loaded().symbol(name)
    }

    pub(crate) fn loaded(&self) -> &'static Loaded {
        self.0.loaded
    }

    /// Which generation of the plugin this is: 1 if it was opened, one more than the one before if it was reloaded; of a
    /// file that another host had opened before, what it is there.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.loaded().generation
    }

    /// Whether both are handles of one host on one library.
    pub(crate) fn is_same_handle(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }

    /// Whether the host that this handle is of has gone over to a newer generation.
    pub(crate) fn is_replaced(&self) -> bool {
        self.0.is_replaced()
    }

    /// What the host's slots of this plugin lead to, if there are any.
    pub(crate) fn line(&self) -> Option<Arc<Line<Tenure>>> {
        self.0.line()
    }

    /// Lets the host's slots of this plugin be these.
    pub(crate) fn join_line(&self, line: &Arc<Line<Tenure>>) {
        self.0.set_line(line);
    }

    /// Whether the host that this handle is of has shut the plugin down, or all hosts have.
    pub(crate) fn is_shut_down(&self) -> bool {
        self.0.is_shut_down()
    }
}

impl Clone for Plugin {
    fn clone(&self) -> Self {
        Self::new(self.0)
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        self.0.handles.give_back();
    }
}

/// Two handles are equal if they are of one library, whichever hosts they are of.
impl PartialEq for Plugin {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.loaded(), other.loaded())
    }
}

impl Eq for Plugin {}

/// Name and version.
impl fmt::Display for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name(), self.version())
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plugin({self} from {})", self.path().display())
    }
}
