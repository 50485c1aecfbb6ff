//! Facts about the build that compiled this crate: what a host compares, and what it only reports.

use core::fmt;

use crate::allocation::Allocator;

/// Version of everything that crosses the boundary outside a descriptor: the root module, tables of functions, the
/// outcome of a call, and the pinned `abi_stable` vocabulary. A host accepts only its own.
pub const ABI_FORMAT: u32 = 1;

/// How a build answers a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanicStrategy {
    /// The stack unwinds, so the guard can turn a panic into an error.
    Unwind,
    /// The process aborts: no guard can hold it, so no host accepts such a plugin.
    Abort,
}

/// Byte order of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endianness {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

/// Which of the plugin's own logs reach its host: the features of `plugin-core` that it was built with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ForwardedLogs {
    /// Records of the crate `log`: feature `log`.
    pub log: bool,
    /// Events and spans of the crate `tracing`: feature `tracing`.
    pub tracing: bool,
}

/// `tracing, log`, or `not forwarded`.
impl fmt::Display for ForwardedLogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self { log: true, tracing: true } => "tracing, log",
            Self { log: false, tracing: true } => "tracing",
            Self { log: true, tracing: false } => "log",
            Self { log: false, tracing: false } => "not forwarded",
        })
    }
}

/// The facts of one build, as its descriptor records them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Toolchain<'a> {
    /// `rustc`'s release, such as `1.95.0`.
    pub rustc_release: &'a str,
    /// `rustc`'s commit hash, or `unknown`.
    pub rustc_commit: &'a str,
    /// Target triple.
    pub target: &'a str,
    /// Width of a pointer, in bits.
    pub pointer_width: u8,
    /// Byte order.
    pub endianness: Endianness,
    /// Panic strategy.
    pub panic: PanicStrategy,
    /// [`ABI_FORMAT`] of the `plugin-core` that was compiled in.
    pub abi_format: u32,
    /// The global allocator, if it is known.
    pub allocator: Allocator,
    /// Target features, comma-separated; for information.
    pub target_features: &'a str,
    /// Optimisation level; for information.
    pub opt_level: &'a str,
    /// Whether debug assertions are on; for information.
    pub debug_assertions: bool,
    /// Which logs reach the host; for information.
    pub logs: ForwardedLogs,
}

impl Toolchain<'static> {
    /// The build that compiled this very crate.
    ///
    /// ```
    /// let here = plugin_core::Toolchain::CURRENT;
    /// assert_eq!(here.pointer_width as usize, usize::BITS as usize);
    /// ```
    pub const CURRENT: Self = Self {
        rustc_release: env!("PLUGIN_CORE_RUSTC_RELEASE"),
        rustc_commit: env!("PLUGIN_CORE_RUSTC_COMMIT"),
        target: env!("PLUGIN_CORE_TARGET"),
        pointer_width: usize::BITS as u8,
        endianness: if cfg!(target_endian = "little") { Endianness::Little } else { Endianness::Big },
        panic: if cfg!(panic = "unwind") { PanicStrategy::Unwind } else { PanicStrategy::Abort },
        abi_format: ABI_FORMAT,
        allocator: Allocator::HERE,
        target_features: env!("PLUGIN_CORE_TARGET_FEATURES"),
        opt_level: env!("PLUGIN_CORE_OPT_LEVEL"),
        debug_assertions: cfg!(debug_assertions),
        logs: ForwardedLogs { log: cfg!(feature = "log"), tracing: cfg!(feature = "tracing") },
    };
}
