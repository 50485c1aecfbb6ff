//! What a sound library may ask of the system's loader that no host grants.

use std::fmt;

use plugin_core::compat::display_text;

/// What a library asks of the system's loader that no host grants: it would weaken the host, or make what is loaded depend
/// on more than the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hazard {
    /// The library asks for an executable stack: loading it would make the stack of the host executable.
    ExecutableStack,
    /// Memory that is code and can be written to.
    WritableCode {
        /// Where, from the base of the library.
        address: u64,
    },
    /// Addresses in the code itself are changed when it is loaded, so that it must be writable meanwhile.
    TextRelocations,
    /// Directories of its own in which the loader looks for the libraries it needs: who may write to them is not judged.
    SearchPath {
        /// `RPATH` or `RUNPATH` (ELF), `LC_RPATH` (Mach-O).
        kind: &'static str,
        /// The directories, as the file names them.
        found: String,
    },
    /// A needed library that is named by a path, not by a name.
    NeededByPath {
        /// The path.
        found: String,
    },
    /// Another request to the loader that no plugin needs.
    Extension {
        /// Its name in the format's specification.
        name: &'static str,
        /// What it does.
        effect: &'static str,
    },
}

impl fmt::Display for Hazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExecutableStack => write!(
                f,
                "asks for an executable stack: expected a stack that is not executable; link it with `-z noexecstack`"
            ),
            Self::WritableCode { address } => write!(
                f,
                "has memory at {address:#x} that can be both written and executed, expected one or the other; link it without `-N` and sections that are both"
            ),
            Self::TextRelocations => write!(
                f,
                "has relocations in its code, expected code that is only read; compile all of it with `-fPIC` and link it with `-z text`"
            ),
            Self::SearchPath { kind, found } => write!(
                f,
                "brings a search path for libraries: expected none, found {kind} {}; link it without `-rpath`, and list what it needs by `Host::allowing_library`",
                display_text(found)
            ),
            Self::NeededByPath { found } => write!(
                f,
                "needs a library by its path: expected a name, found {}; give that library a soname when it is linked",
                display_text(found)
            ),
            Self::Extension { name, effect } => {
                write!(f, "{effect} ({name}), which no plugin may; link it without that")
            }
        }
    }
}
