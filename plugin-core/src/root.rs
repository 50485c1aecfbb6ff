//! The root module: the one thing a plugin exports.
//!
//! Everything in it is in the order of the plugin's descriptor, which names and types each part. A host compares the
//! descriptor that the root points to with the one it verified in the file before it reads anything else.

mod stage;

use core::{ffi::c_void, fmt::Display, time::Duration};
use std::path::Path;

pub use stage::{Begin, HostCopy, Opens, Start};

use stage::Stage;

use crate::{
    abi::{RResult, RString, RVec},
    guard::Outcome,
    held::{Ledger, ledger},
    instance::RawObject,
    logs::{self, ConnectLogsFn},
    requirement::Required,
    runtime::StopRuntimeFn,
    toolchain::ABI_FORMAT,
};

/// What a host tells a plugin when it starts it.
///
/// Constructors (`#[provides]`) and `#[init]` may take it as `&'static Context`.
#[repr(C)]
#[derive(Debug)]
pub struct Context {
    path: RString,
    required: RVec<Required>,
}

impl Context {
    /// For hosts: describes a plugin to itself.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_string_lossy().into_owned().into(), required: RVec::new() }
    }

    /// For hosts: with the objects of the interfaces that the plugin requires, of each in the order of preference.
    #[must_use]
    pub fn with_required(self, required: Vec<Required>) -> Self {
        Self { required: required.into(), ..self }
    }

    pub(crate) fn required_objects(&self) -> &[Required] {
        self.required.as_slice()
    }

    /// The plugin's file, to find data that is installed beside it.
    /// Characters that are not Unicode are replaced.
    #[must_use]
    pub fn path(&self) -> &Path {
        Path::new(self.path.as_str())
    }
}

/// A step that may fail, as the boundary sees it: the error is text.
pub type Fallible<T> = Outcome<RResult<T, RString>>;

/// Makes an object of a provided interface.
pub type ConstructFn = unsafe extern "C" fn(&'static Context) -> Fallible<RawObject>;

/// Starts or stops the plugin.
pub type LifecycleFn = unsafe extern "C" fn(&'static Context) -> Fallible<()>;

/// The address of an exported static or of an exported function's entry.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Address(*const c_void);

// SAFETY: an address; what it points to is typed, and checked to be `Sync`, where it is exported.
unsafe impl Send for Address {}
// SAFETY: as above.
unsafe impl Sync for Address {}

impl Address {
    /// Records an address.
    #[must_use]
    pub const fn new<T>(target: *const T) -> Self {
        Self(target.cast())
    }

    /// The address.
    #[must_use]
    pub const fn get(self) -> *const c_void {
        self.0
    }
}

/// The root module. `#[export_plugin]` declares one static of it for a plugin.
#[repr(C)]
pub struct RootModule {
    abi_format: u32,
    stage: Stage,
    descriptor: Span<u8>,
    constructors: Span<ConstructFn>,
    symbols: Span<Address>,
    /// What is counted of the plugin.
    ledger: &'static Ledger,
    prepare: extern "C" fn(is_linked: bool),
    /// Absent if the plugin was built without a runtime.
    stop_runtime: Option<StopRuntimeFn>,
    /// Absent if the plugin was built without a feature that forwards logs.
    connect_logs: Option<ConnectLogsFn>,
    init: Option<LifecycleFn>,
    shutdown: Option<LifecycleFn>,
}

/// A slice of constants in a plugin.
#[repr(C)]
struct Span<T: 'static> {
    start: *const T,
    length: usize,
}

impl<T> Clone for Span<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Span<T> {}

impl<T> Span<T> {
    const fn new(slice: &'static [T]) -> Self {
        Self { start: slice.as_ptr(), length: slice.len() }
    }

    const fn get(self) -> &'static [T] {
        // SAFETY: made by `new` from a slice that lives as long as its library, which is never unmapped.
        unsafe { core::slice::from_raw_parts(self.start, self.length) }
    }
}

// SAFETY: constants, atomics, functions that any thread may call, and what `HostCopy::new` asks for.
unsafe impl Sync for RootModule {}
// SAFETY: as above.
unsafe impl Send for RootModule {}

impl RootModule {
    /// Assembles a root module; each slice is in the descriptor's order.
    #[must_use]
    pub const fn new(
        descriptor: &'static [u8],
        constructors: &'static [ConstructFn],
        symbols: &'static [Address],
        init: Option<LifecycleFn>,
        shutdown: Option<LifecycleFn>,
    ) -> Self {
        Self {
            abi_format: ABI_FORMAT,
            stage: Stage::new(),
            descriptor: Span::new(descriptor),
            constructors: Span::new(constructors),
            symbols: Span::new(symbols),
            ledger: ledger(),
            prepare: crate::guard::prepare,
            stop_runtime: crate::runtime::STOP,
            connect_logs: logs::CONNECT,
            init,
            shutdown,
        }
    }

    /// The [`ABI_FORMAT`] of the plugin: first, so that any version can read it.
    #[must_use]
    pub const fn abi_format(&self) -> u32 {
        self.abi_format
    }

    /// The plugin's descriptor, as it is mapped.
    #[must_use]
    pub const fn descriptor(&self) -> &'static [u8] {
        self.descriptor.get()
    }

    /// One constructor for each provided interface.
    #[must_use]
    pub const fn constructors(&self) -> &'static [ConstructFn] {
        self.constructors.get()
    }

    /// One address for each exported function and static.
    #[must_use]
    pub const fn symbols(&self) -> &'static [Address] {
        self.symbols.get()
    }

    /// Runs every function of the plugin in its tokio runtime, not only its futures.
    #[cfg(feature = "tokio")]
    #[must_use]
    pub const fn in_tokio(mut self) -> Self {
        self.prepare = crate::runtime::prepare_all;
        self
    }

    /// Makes the plugin's panics carry their location, and settles where its functions run. A plugin that is linked into
    /// its host shares the host's panic hook, which stays as it is.
    pub fn prepare(&self, is_linked: bool) {
        (self.prepare)(is_linked);
    }

    /// Stops the plugin's runtime, if it has one: its tasks are cancelled, and this waits for its threads to end. Returns how
    /// many run after the time. If it is not `for_good`, a later call may start another.
    pub fn stop_runtime(&self, for_good: bool, patience: Duration) -> Fallible<usize> {
        match self.stop_runtime {
            Some(stop) => stop(for_good, u64::try_from(patience.as_millis()).unwrap_or(u64::MAX)),
            None => Outcome::of(|| RResult::ROk(0)),
        }
    }

    /// What is counted of the plugin.
    #[must_use]
    #[doc(hidden)]
    pub const fn ledger(&self) -> &'static Ledger {
        self.ledger
    }

    /// What takes the host's log, if the plugin forwards to it.
    #[must_use]
    #[doc(hidden)]
    pub const fn connect_logs(&self) -> Option<ConnectLogsFn> {
        self.connect_logs
    }

    /// The plugin's `#[init]`.
    #[must_use]
    pub const fn init(&self) -> Option<LifecycleFn> {
        self.init
    }

    /// The plugin's `#[shutdown]`.
    #[must_use]
    pub const fn shutdown(&self) -> Option<LifecycleFn> {
        self.shutdown
    }
}

/// What `#[init]`, `#[shutdown]`, `#[save]`, `#[restore]` and constructors may return: a value, or a `Result` whose error can be displayed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of this function",
    label = "neither nothing nor a `Result`",
    note = "`#[init]`, `#[shutdown]` and `#[restore]` return nothing, or a `Result<(), E>` whose error implements `Display`"
)]
pub trait Completion<T> {
    /// The value, or the error's text.
    #[expect(clippy::missing_errors_doc, reason = "it converts an error, and causes none")]
    fn complete(self) -> Result<T, String>;
}

impl Completion<()> for () {
    fn complete(self) -> Result<(), String> {
        Ok(())
    }
}

impl<T, E: Display> Completion<T> for Result<T, E> {
    fn complete(self) -> Result<T, String> {
        self.map_err(|error| error.to_string())
    }
}

/// Runs a step under the guard, with its error as text. For generated code.
#[doc(hidden)]
pub fn fallible<T>(step: impl FnOnce() -> Result<T, String>) -> Fallible<T> {
    Outcome::of(|| match step() {
        Ok(value) => RResult::ROk(value),
        Err(text) => RResult::RErr(text.into()),
    })
}
