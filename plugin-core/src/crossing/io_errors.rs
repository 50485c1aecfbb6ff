//! `std::io::Error`: its kind by name, its code of the operating system, and the error in it.

use std::{error::Error, io};

use super::{Crossing, errors::ErrorForm, promises::Shared};
use crate::{
    abi::{ROption, RStr, RString},
    allocation,
    layout::{StableLayout, TypeLayout},
};

/// An [`io::Error`] as it crosses.
#[repr(C)]
pub struct IoErrorForm {
    /// The name of its kind, as Rust writes it.
    kind: RStr<'static>,
    code: ROption<i32>,
    /// The error that it was made of.
    inner: ROption<ErrorForm<Shared>>,
    /// The text of an error that was made of neither, and says more than its kind.
    message: ROption<RString>,
}

// SAFETY: `repr(C)`, of types with stable layouts, which `ABI_FORMAT` stands for; the name is that of no other.
unsafe impl StableLayout for IoErrorForm {
    const TYPE_LAYOUT: &'static TypeLayout = &TypeLayout::opaque::<Self>("io::Error", &[]);
}

// SAFETY: text and a number, read with checks, and an error, which crosses as such.
unsafe impl Crossing for io::Error {
    type Abi = IoErrorForm;

    fn into_abi(self) -> Self::Abi {
        let kind = self.kind();
        let code = self.raw_os_error();
        let is_bare = code.is_none() && self.get_ref().is_none();
        let message = is_bare.then(|| self.to_string()).filter(|text| *text != kind.to_string());
        IoErrorForm {
            kind: RStr::from_str(name_of(kind)),
            code: code.into(),
            message: message.map(RString::from).into(),
            inner: self.into_inner().map(Crossing::into_abi).into(),
        }
    }

    unsafe fn from_abi(IoErrorForm { kind, code, inner, message }: Self::Abi) -> Self {
        type Inner = Box<dyn Error + Send + Sync>;
        let kind = kind_of(kind.as_str());
        match (code, inner, message) {
            (ROption::RSome(code), _, _) => Self::from_raw_os_error(code),
            // SAFETY: the caller's promise covers what is inside.
            (ROption::RNone, ROption::RSome(inner), _) => Self::new(kind, unsafe { Inner::from_abi(inner) }),
            (ROption::RNone, ROption::RNone, ROption::RSome(message)) => {
                Self::new(kind, allocation::string(message))
            }
            (ROption::RNone, ROption::RNone, ROption::RNone) => kind.into(),
        }
    }
}

macro_rules! kinds {
    ($($kind:ident)+) => {
        /// The name of a kind; a kind that this list does not know is `Other`.
        fn name_of(kind: io::ErrorKind) -> &'static str {
            match kind {
                $(io::ErrorKind::$kind => stringify!($kind),)+
                _ => "Other",
            }
        }

        /// The kind of a name; a name that this list does not know is that of `Other`.
        fn kind_of(name: &str) -> io::ErrorKind {
            match name {
                $(stringify!($kind) => io::ErrorKind::$kind,)+
                _ => io::ErrorKind::Other,
            }
        }

        #[cfg(test)]
        const KINDS: &[io::ErrorKind] = &[$(io::ErrorKind::$kind),+];
    };
}

// All that are stable in the oldest `rustc` that this crate supports.
kinds! {
    NotFound PermissionDenied ConnectionRefused ConnectionReset HostUnreachable NetworkUnreachable ConnectionAborted
    NotConnected AddrInUse AddrNotAvailable NetworkDown BrokenPipe AlreadyExists WouldBlock NotADirectory IsADirectory
    DirectoryNotEmpty ReadOnlyFilesystem StaleNetworkFileHandle InvalidInput InvalidData TimedOut WriteZero StorageFull
    NotSeekable QuotaExceeded FileTooLarge ResourceBusy ExecutableFileBusy Deadlock CrossesDevices TooManyLinks
    InvalidFilename ArgumentListTooLong Interrupted Unsupported UnexpectedEof OutOfMemory Other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_their_own_names() {
        for kind in KINDS {
            assert_eq!(name_of(*kind), format!("{kind:?}"));
            assert_eq!(kind_of(name_of(*kind)), *kind);
        }
        assert_eq!(kind_of("Uncategorized"), io::ErrorKind::Other);
    }
}
