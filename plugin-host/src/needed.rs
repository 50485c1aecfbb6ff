//! The libraries that plugins may need besides themselves.
#![forbid(unsafe_code)]

use std::{
    ffi::{CStr, CString, OsString},
    sync::{Mutex, PoisonError},
};

use crate::{error::OpenError, inspect::Inspected, library, object_file::ObjectFormat};

/// What a host allows its plugins to need.
#[derive(Debug, Clone, Default)]
pub(crate) struct AllowedLibraries {
    /// Beyond what belongs to the system.
    named: Vec<String>,
}

impl AllowedLibraries {
    pub(crate) fn allow(&mut self, name: String) {
        self.named.push(name);
    }

    /// Whether the loader brings only what is allowed for a file.
    pub(crate) fn judge(&self, file: &Inspected) -> Result<(), OpenError> {
        for needed in file.needed() {
            let is_named = self.named.iter().any(|name| is_same(file.format(), name, needed));
            if !is_named && !is_of_the_system(file.format(), needed) {
                let (needed, allowed) = (needed.clone(), self.named.clone());
                return Err(OpenError::NeededLibrary { path: file.path().to_owned(), needed, allowed });
            }
        }
        Ok(())
    }
}

/// Makes sure that the environment has no say in which libraries are brought for a file that is about to be loaded: each is
/// there already, as those that every plugin in Rust needs are, or comes from where the C library came from, or there is
/// nothing in the environment that could have a say.
pub(crate) fn settle(file: &Inspected) -> Result<(), OpenError> {
    let missing = || file.needed().iter().filter(|needed| !is_here(needed, library::is_loaded));
    if missing().next().is_none() {
        return Ok(());
    }
    let Some((variable, value)) = redirection() else {
        return Ok(());
    };
    let is_settled = |needed: &&String| {
        is_of_the_system(file.format(), needed) && is_here(needed, library::load_beside_libc)
    };
    match missing().find(|needed| !is_settled(needed)) {
        None => Ok(()),
        Some(needed) => {
            let (path, needed) = (file.path().to_owned(), needed.clone());
            Err(OpenError::RedirectedLibrary { path, needed, variable, value })
        }
    }
}

/// Whether the loader will not look for a library, because it has it for good: as is known, or as `now` says.
fn is_here(needed: &str, now: impl FnOnce(&CStr) -> bool) -> bool {
    static HERE: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let here = || HERE.lock().unwrap_or_else(PoisonError::into_inner);
    if here().iter().any(|known| known == needed) {
        return true;
    }
    // Not under the lock: this asks the system's loader.
    let is_here = CString::new(needed).is_ok_and(|name| now(&name));
    if is_here {
        here().push(needed.to_owned());
    }
    is_here
}

fn is_same(format: ObjectFormat, name: &str, needed: &str) -> bool {
    match format {
        ObjectFormat::Elf | ObjectFormat::MachO => name == needed,
        ObjectFormat::Pe => name.eq_ignore_ascii_case(needed),
    }
}

/// Whether a library comes with the system, so that whoever could change it could change the program, too.
fn is_of_the_system(format: ObjectFormat, needed: &str) -> bool {
    match format {
        ObjectFormat::Elf => is_of_the_c_library(needed),
        // What only the system may write to (System Integrity Protection).
        ObjectFormat::MachO => {
            let protected = needed.starts_with("/usr/lib/") || needed.starts_with("/System/Library/");
            protected && !needed.split('/').any(|part| part == "..")
        }
        ObjectFormat::Pe => {
            let name = needed.to_ascii_lowercase();
            WINDOWS.contains(&name.as_str()) || name.starts_with("api-ms-win-")
        }
    }
}

/// The C library in its parts, what unwinds the stack, and the loader itself.
fn is_of_the_c_library(needed: &str) -> bool {
    let (name, version) = needed.split_once(".so").unwrap_or((needed, ""));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_version =
        version.is_empty() || version.strip_prefix('.').is_some_and(|rest| rest.split('.').all(is_number));
    // glibc, musl and the BSDs name them alike, with versions of their own.
    let is_part = matches!(
        name,
        "libc" | "libm" | "libgcc_s" | "libpthread" | "libdl" | "librt" | "libutil" | "libthr" | "ld64"
    );
    let is_loader = ["ld-linux-", "ld-musl-", "libc.musl-"].iter().any(|start| name.starts_with(start))
        || name == "ld-linux";
    needed.contains(".so")
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        && is_version
        && (is_part || is_loader)
}

/// What programs in Rust need of Windows; an `api-ms-win-` name stands for one of these.
const WINDOWS: [&str; 15] = [
    "advapi32.dll",
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "crypt32.dll",
    "kernel32.dll",
    "ntdll.dll",
    "ole32.dll",
    "secur32.dll",
    "shell32.dll",
    "ucrtbase.dll",
    "user32.dll",
    "userenv.dll",
    "vcruntime140.dll",
    "vcruntime140_1.dll",
    "ws2_32.dll",
];

/// The variable by which whoever started the process says where libraries are looked for before the system's own
/// directories.
#[cfg(target_os = "linux")]
fn redirection() -> Option<(&'static str, OsString)> {
    use std::{os::unix::ffi::OsStringExt, sync::LazyLock};

    const VARIABLE: &str = "LD_LIBRARY_PATH";
    // The loader has read it when the process began, whatever the program has made of its environment since.
    static AT_START: LazyLock<Option<OsString>> = LazyLock::new(|| {
        let of_now = || std::env::var_os(VARIABLE);
        let value = match std::fs::read("/proc/self/environ") {
            Ok(environment) => environment
                .split(|byte| *byte == 0)
                .filter_map(|entry| entry.strip_prefix(VARIABLE.as_bytes())?.strip_prefix(b"="))
                // An environment may have it twice.
                .find(|value| !value.is_empty())
                .map(|value| OsString::from_vec(value.to_vec())),
            Err(_) => of_now(),
        };
        value.or_else(of_now).filter(|value| !value.is_empty())
    });
    AT_START.clone().map(|value| (VARIABLE, value))
}

/// On macOS the needed libraries are paths, which `DYLD_LIBRARY_PATH` would redirect in programs that are not protected;
/// on Windows no variable goes before the system's directories.
#[cfg(not(target_os = "linux"))]
fn redirection() -> Option<(&'static str, OsString)> {
    let value = if cfg!(target_vendor = "apple") { std::env::var_os("DYLD_LIBRARY_PATH") } else { None };
    value.map(|value| ("DYLD_LIBRARY_PATH", value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_the_system_is_told_by_its_name() {
        for name in [
            "libc.so.6",
            "libm.so.6",
            "libgcc_s.so.1",
            "libpthread.so.0",
            "libdl.so.2",
            "librt.so.1",
            "ld-linux-x86-64.so.2",
            "ld-linux.so.2",
            "ld-linux-aarch64.so.1",
            "ld64.so.2",
            "libc.so",
            "libc.musl-x86_64.so.1",
            "ld-musl-aarch64.so.1",
        ] {
            assert!(is_of_the_system(ObjectFormat::Elf, name), "{name}");
        }
        for name in [
            "libssl.so.3",
            "libstdc++.so.6",
            "libc.so.6.evil",
            "/tmp/libc.so.6",
            "./libc.so.6",
            "libcx.so.6",
            "libc.so/../x.so.6",
            "libc.so/evil",
            "libc.soevil",
            "libc.so-evil.6",
            "libc.so.6.",
            "ld-linux-$ORIGIN.so.2",
            "libc",
            "ld-linux-/x.so.2",
            "",
        ] {
            assert!(!is_of_the_system(ObjectFormat::Elf, name), "{name}");
        }
        assert!(is_of_the_system(ObjectFormat::Pe, "KERNEL32.dll"));
        assert!(is_of_the_system(ObjectFormat::Pe, "api-ms-win-core-synch-l1-2-0.dll"));
        assert!(!is_of_the_system(ObjectFormat::Pe, "sqlite3.dll"));
        assert!(is_of_the_system(ObjectFormat::MachO, "/usr/lib/libSystem.B.dylib"));
        for name in ["@rpath/libx.dylib", "/usr/lib/../local/libx.dylib", "/usr/local/lib/libx.dylib"] {
            assert!(!is_of_the_system(ObjectFormat::MachO, name), "{name}");
        }
    }
}
