//! A loaded plugin: bound to the description that was verified, started, and ready to be used.

use std::{
    collections::HashMap,
    ffi::CString,
    fmt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use foldhash::fast::FixedState;
use plugin_core::{
    __private::{Address, Fallible, RResult},
    ABI_FORMAT, Context, Instance, Interface, RawObject, RootModule,
    compat::display_type,
    descriptor::{Descriptor, SymbolEntry, SymbolKind},
};

use crate::{
    error::{OpenError, Refusal},
    host::{Event, EventKind, EventLog},
    library::Library,
    root::{Root, RootError, ShutdownError},
    shared::Shared,
    start,
    verify::{self, Known, Verified},
};

/// A loaded plugin.
///
/// A handle: cheap to clone, and dropping the last one unloads nothing. What was obtained from a plugin (objects,
/// functions, references to statics, text) stays valid until the process ends.
#[derive(Clone)]
pub struct Plugin(Arc<Loaded>);

struct Loaded {
    path: PathBuf,
    root: &'static RootModule,
    descriptor: Descriptor<'static>,
    context: &'static Context,
    /// One for each provided interface that may be shared between threads, made when the plugin was started.
    shared: Vec<Option<RawObject>>,
    /// Exported symbols by name, as indices into the descriptor's list and the root module's addresses.
    by_name: HashMap<&'static str, usize, FixedState>,
    shut_down: AtomicBool,
}

// SAFETY: `shared` is what keeps this from being derived; it has only objects whose interface is `Send` and `Sync`.
unsafe impl Send for Loaded {}
// SAFETY: as above; everything else is constant or atomic.
unsafe impl Sync for Loaded {}

/// An exported function or static.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SymbolInfo {
    /// Name.
    pub name: String,
    /// Function or static.
    pub kind: SymbolKind,
    /// The type of a static or the signature of a function, as Rust writes it.
    pub ty: String,
}

impl Plugin {
    /// Loads a verified file, compares what was mapped with what was verified, and starts the plugin.
    ///
    /// # Safety
    ///
    /// Whoever declared the file trusted vouched for its code.
    pub(crate) unsafe fn load(verified: &Verified, events: &EventLog) -> Result<Self, OpenError> {
        let start = Instant::now();
        let inspected = verified.inspected();
        let path = inspected.path().to_owned();
        // SAFETY: the caller vouches for the file's code.
        let library = unsafe { Library::load(&inspected.file) }?;
        let (root, descriptor) = root_module(&library, verified)?;
        events.record(Event::new(EventKind::Loaded, &inspected.plugin, &path, start.elapsed()));
        let start = Instant::now();
        // Never freed: `#[init]` and constructors may have kept it, also those that failed.
        let context: &'static Context = Box::leak(Box::new(Context::new(&path)));
        // SAFETY: the root module was just compared with the descriptor.
        let shared = unsafe { start::start(root, &descriptor, context) }?;
        events.record(Event::new(EventKind::Initialised, &inspected.plugin, &path, start.elapsed()));
        let by_name =
            descriptor.symbols().iter().enumerate().map(|(index, symbol)| (symbol.name, index)).collect();
        let shut_down = AtomicBool::new(false);
        Ok(Self(Arc::new(Loaded { path, root, descriptor, context, shared, by_name, shut_down })))
    }

    /// The plugin's name: that of its package.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.descriptor.name
    }

    /// The plugin's version: that of its package.
    #[must_use]
    pub fn version(&self) -> &str {
        self.0.descriptor.version
    }

    /// The file it was loaded from, with every link resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The plugin's own description: interfaces, symbols, types, toolchain.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor<'static> {
        &self.0.descriptor
    }

    /// The exported functions and statics.
    pub fn symbols(&self) -> impl ExactSizeIterator<Item = SymbolInfo> + '_ {
        let descriptor = self.descriptor();
        descriptor.symbols().iter().map(|symbol| SymbolInfo {
            name: symbol.name.to_owned(),
            kind: symbol.kind,
            ty: display_type(descriptor, symbol.layout).to_string(),
        })
    }

    /// The plugin's one shared object of the interface `I`.
    ///
    /// # Errors
    ///
    /// If the plugin does not provide the interface, or in a form that does not fit: after the fact, since it is loaded.
    /// A host that knows the interface beforehand ([`Host::expecting`](crate::Host::expecting),
    /// [`Host::open_root`](crate::Host::open_root)) does not load such a plugin in the first place.
    pub fn root<I>(&self) -> Result<Root<I>, RootError>
    where
        I: ?Sized + Shared,
    {
        let index = self.provider::<I>()?;
        match self.0.shared.get(index) {
            // SAFETY: made by the constructor of this very interface, which fits this build's description; the object
            // belongs to the plugin for ever, and `Root` never drops it.
            Some(Some(object)) => Ok(Root::new(unsafe { Instance::from_raw(*object) }, self.clone())),
            _ => Err(self.not_provided(plugin_core::__private::known::<I>())),
        }
    }

    /// A new object of the interface `I`, owned by the caller: for interfaces with `&mut self`, and for state that is not
    /// shared.
    ///
    /// # Errors
    ///
    /// As for [`root`](Self::root), and what the constructor reports.
    pub fn instantiate<I: ?Sized + Interface>(&self) -> Result<Instance<I>, RootError> {
        let index = self.provider::<I>()?;
        let Some(construct) = self.0.root.constructors().get(index) else {
            return Err(self.not_provided(plugin_core::__private::known::<I>()));
        };
        // SAFETY: constructors are in the order of the provided interfaces, and take the context.
        match unsafe { construct(self.0.context) }.into_result() {
            // SAFETY: made by the constructor of this very interface, which fits; nobody else has the object.
            Ok(RResult::ROk(object)) => Ok(unsafe { Instance::from_raw(object) }),
            Ok(RResult::RErr(message)) => Err(RootError::Constructor {
                plugin: self.to_string(),
                interface: I::INTERFACE.id,
                message: message.into(),
            }),
            Err(source) => {
                Err(RootError::Panicked { plugin: self.to_string(), interface: I::INTERFACE.id, source })
            }
        }
    }

    /// Runs the plugin's `#[shutdown]`, once; it does not run by itself. Then it stops the plugin's tokio runtime, if it
    /// has one: tasks that it spawned are cancelled, and this waits, for five seconds at most, until its threads have ended.
    ///
    /// Afterwards the plugin hands out no more objects; those it has handed out still work as far as the plugin lets them.
    ///
    /// # Errors
    ///
    /// What `#[shutdown]` reports, else that the runtime does not stop; or [`ShutdownError::Twice`] if it ran before.
    pub fn shutdown(&self) -> Result<(), ShutdownError> {
        let plugin = || self.to_string();
        if self.0.shut_down.swap(true, Ordering::AcqRel) {
            return Err(ShutdownError::Twice { plugin: plugin() });
        }
        fn result<T>(plugin: &Plugin, outcome: Fallible<T>) -> Result<T, ShutdownError> {
            let plugin = plugin.to_string();
            match outcome.into_result() {
                Ok(RResult::ROk(value)) => Ok(value),
                Ok(RResult::RErr(message)) => Err(ShutdownError::Failed { plugin, message: message.into() }),
                Err(source) => Err(ShutdownError::Panicked { plugin, source }),
            }
        }
        let root = self.0.root;
        if let Some(threads) = root.ledger().threads() {
            threads.stop(true);
        }
        // SAFETY: the root module's own function, which takes the context.
        let shut_down =
            root.shutdown().map_or(Ok(()), |shutdown| result(self, unsafe { shutdown(self.0.context) }));
        // The runtime does not outlive the plugin, whatever the plugin says.
        let stopped = result(self, root.stop_runtime(true, core::time::Duration::from_secs(5)));
        shut_down.and(match stopped? {
            0 => Ok(()),
            left => Err(ShutdownError::Failed {
                plugin: plugin(),
                message: format!("{left} threads of the plugin's tokio runtime still run after 5 s"),
            }),
        })
    }

    /// Whether the plugin provides what a host requires of it.
    pub(crate) fn require(&self, known: Known) -> Result<(), Refusal> {
        let refuse = |mismatches| Refusal::new(self.path(), self.to_string(), mismatches);
        match verify::fit(known, self.descriptor()) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(refuse(vec![verify::not_provided(known, self.descriptor())])),
            Err(mismatches) => Err(refuse(mismatches)),
        }
    }

    /// The exported symbol of a name, and its address.
    pub(crate) fn symbol(&self, name: &str) -> Option<(&SymbolEntry<'static>, Address)> {
        let index = *self.0.by_name.get(name)?;
        Some((self.0.descriptor.symbols().get(index)?, *self.0.root.symbols().get(index)?))
    }

    fn provider<I: ?Sized + Interface>(&self) -> Result<usize, RootError> {
        if self.0.shut_down.load(Ordering::Acquire) {
            return Err(RootError::ShutDown { plugin: self.to_string() });
        }
        let known: Known = plugin_core::__private::known::<I>();
        match verify::fit(known, self.descriptor()) {
            Ok(Some(index)) => Ok(index),
            Ok(None) => Err(self.not_provided(known)),
            Err(mismatches) => {
                Err(RootError::Refused(Refusal::new(self.path(), self.to_string(), mismatches)))
            }
        }
    }

    fn not_provided(&self, known: Known) -> RootError {
        let mismatches = vec![verify::not_provided(known, self.descriptor())];
        RootError::Refused(Refusal::new(self.path(), self.to_string(), mismatches))
    }
}

/// Finds the root module, compares it with the description that was verified, and reads that where it is mapped.
fn root_module(
    library: &Library,
    verified: &Verified,
) -> Result<(&'static RootModule, Descriptor<'static>), OpenError> {
    let inspected = verified.inspected();
    let changed = || OpenError::Changed { path: inspected.path().to_owned() };
    let symbol = CString::new(inspected.root_symbol.as_str()).map_err(|_| changed())?;
    let Some(address) = library.symbol(&symbol) else {
        return Err(OpenError::NoRootModule {
            path: inspected.path().to_owned(),
            symbol: inspected.root_symbol.clone(),
        });
    };
    if !address.cast::<RootModule>().is_aligned() {
        return Err(changed());
    }
    // SAFETY: the verified file says that this symbol is its root module, and its macros declared it as one of the ABI
    // format that was compared; it is a constant of a library that is never unmapped.
    let root: &'static RootModule = unsafe { address.cast().as_ref() };
    if root.abi_format() != ABI_FORMAT {
        return Err(changed());
    }
    let mapped = root.descriptor();
    let in_place = library.base().is_none_or(|base| {
        base.wrapping_add(inspected.descriptor_address() as usize) == mapped.as_ptr().addr()
    });
    if !in_place || mapped != inspected.descriptor_bytes() {
        return Err(changed());
    }
    let descriptor = Descriptor::decode(mapped).map_err(|_| changed())?;
    let complete = root.constructors().len() == descriptor.provides().len()
        && root.symbols().len() == descriptor.symbols().len() + descriptor.state().len();
    if complete { Ok((root, descriptor)) } else { Err(changed()) }
}

/// Two handles are equal if they are of one plugin.
impl PartialEq for Plugin {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
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
