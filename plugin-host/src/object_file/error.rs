//! Why an object file was refused.

use std::error::Error;
use std::fmt;
use std::io;

/// Why nothing could be learnt from an object file.
#[derive(Debug)]
#[non_exhaustive]
pub enum ObjectError {
    /// Not ELF, PE or Mach-O.
    NotAnObject {
        /// Its first bytes, at most 16.
        found: Vec<u8>,
    },
    /// An object file, but not a shared library.
    Unsupported {
        /// What it is.
        found: UnsupportedKind,
    },
    /// The file ends before what its headers announce.
    Truncated {
        /// What is cut off.
        what: &'static str,
        /// The bytes the file should have at least.
        needs: u64,
        /// The bytes it has.
        has: u64,
    },
    /// A header contradicts itself, or is what no linker writes.
    Malformed {
        /// Which part.
        what: &'static str,
    },
    /// More notes than are searched.
    NotesTooLarge {
        /// The most bytes that are searched.
        limit: u64,
        /// The bytes of notes the headers announce.
        found: u64,
    },
    /// More descriptors than are worth naming; one is right.
    TooManyDescriptors {
        /// The most that are read.
        limit: usize,
    },
    /// A descriptor of more bytes than are read.
    DescriptorTooLarge {
        /// The most bytes that are read.
        limit: u64,
        /// The bytes it announces.
        found: u64,
    },
    /// A descriptor whose bytes in the file are not the bytes that would be mapped.
    DescriptorNotMapped {
        /// Where it is in the file.
        offset: u64,
        /// Where its header claims it will be mapped.
        address: u64,
    },
    /// The operating system refused to read.
    Io {
        /// What was being read.
        what: &'static str,
        /// Its reason.
        source: io::Error,
    },
}

/// What an object file is that is not a shared library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsupportedKind {
    /// A program, or a shared library that can be run as one (as glibc's can): it names an interpreter, and no plugin
    /// does.
    Executable,
    /// What a compiler hands to the linker.
    Relocatable,
    /// The memory of a process that crashed.
    CoreDump,
    /// A static library.
    Archive,
    /// Mach-O files for several machines in one.
    FatMachO,
    /// Some other kind, by its format's number.
    Other(u32),
}

impl fmt::Display for ObjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ObjectError::NotAnObject { found } => write!(
                f,
                "expected a shared library (ELF, PE or Mach-O), found a file that begins with \"{}\"",
                found.escape_ascii()
            ),
            ObjectError::Unsupported { found } => write!(f, "expected a shared library, found {found}"),
            ObjectError::Truncated { what, needs, has } => write!(
                f,
                "the file is truncated: {what} needs {needs} bytes, but there are {has}; copy or build it again"
            ),
            ObjectError::Malformed { what } => write!(f, "the object file is malformed: {what}"),
            ObjectError::NotesTooLarge { limit, found } => {
                write!(f, "the file has {found} bytes of notes; at most {limit} are searched")
            }
            ObjectError::TooManyDescriptors { limit } => write!(
                f,
                "the file has more than {limit} plugin descriptors, expected one; split what several plugins share \
                 into a library that exports none"
            ),
            ObjectError::DescriptorTooLarge { limit, found } => {
                write!(f, "the plugin descriptor has {found} bytes; at most {limit} are read")
            }
            ObjectError::DescriptorNotMapped { offset, address } => write!(
                f,
                "the plugin descriptor at file offset {offset:#x} is not what would be mapped at address {address:#x}; \
                 build the plugin again"
            ),
            ObjectError::Io { what, source: _ } => write!(f, "cannot read {what}"),
        }
    }
}

impl Error for ObjectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            ObjectError::Io { what: _, source } => Some(source),
            ObjectError::NotAnObject { .. }
            | ObjectError::Unsupported { .. }
            | ObjectError::Truncated { .. }
            | ObjectError::Malformed { .. }
            | ObjectError::NotesTooLarge { .. }
            | ObjectError::TooManyDescriptors { .. }
            | ObjectError::DescriptorTooLarge { .. }
            | ObjectError::DescriptorNotMapped { .. } => None,
        }
    }
}

impl fmt::Display for UnsupportedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnsupportedKind::Executable => f.write_str("a program, or a library that can be run as one"),
            UnsupportedKind::Relocatable => f.write_str("a relocatable object, which is not linked yet"),
            UnsupportedKind::CoreDump => f.write_str("a core dump"),
            UnsupportedKind::Archive => f.write_str(
                "a static library; add `crate-type = [\"cdylib\", \"rlib\"]` to the plugin's [lib] section",
            ),
            UnsupportedKind::FatMachO => {
                f.write_str("Mach-O files for several machines in one; extract yours with `lipo -thin`")
            }
            UnsupportedKind::Other(number) => write!(f, "an object file of type {number}"),
        }
    }
}
