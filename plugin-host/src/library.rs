//! Opens libraries: the one file in which code from outside becomes code of this process. Whether it may is decided
//! before; what is in it is bound elsewhere.
//!
//! Libraries are never closed. A thread-local destructor of an unloaded Rust library crashes the thread that exits.
//!
//! # Platform-specific behaviour
//!
//! Linux with glibc: the open file itself is loaded, through `/proc`, so a rename since it was opened changes nothing.
//! Where `/proc` does not show it, and on other systems, the file is loaded by its path, which is compared with the open
//! file before and after. A sealed copy in memory is loaded through `/proc` or not at all.

mod turn;

pub(crate) use turn::{enter as enter_thread, take as take_turn};

use std::collections::HashMap;
use std::error::Error;
use std::ffi::{CStr, c_void};
use std::fmt;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use foldhash::fast::FixedState;

use crate::file::{FileIdentity, OpenFile};
use crate::steps::{Step, reached};

#[cfg(unix)]
use libloading::os::unix as os;
#[cfg(windows)]
use libloading::os::windows as os;

/// A library mapped into this process, for as long as the process lives.
#[derive(Debug)]
pub(crate) struct Library {
    library: ManuallyDrop<os::Library>,
    base: Option<usize>,
}

impl Library {
    /// Loads `file` and runs its constructors, and those of the libraries it needs; once: a plugin whose start failed is
    /// started again in the library that it has.
    ///
    /// May be called from a constructor. It waits while another thread loads, and for ever if a constructor there waits for
    /// this one: [`take_turn`] before it.
    ///
    /// # Safety
    ///
    /// The caller vouches for all code in the file, and in what it needs: it runs with the rights of this process and
    /// may do anything to it. The file must not be changed in place from now on: it is mapped, not copied.
    pub(crate) unsafe fn load(file: &OpenFile) -> Result<&'static Library, LoadError> {
        reached(Step::Loading);
        if !file.is_unchanged() {
            return Err(LoadError::Rewritten { path: file.path().to_path_buf() });
        }
        // The system's loader would return the same library, and keep one more name for it.
        let identity = file.loaded_identity();
        let known = mapped().get(&identity).copied();
        if let Some(library) = known {
            return Ok(library);
        }
        // SAFETY: the caller vouches for the file's code, and each strategy loads this file or fails.
        let library = unsafe { platform::load(file) };
        reached(Step::Mapped);
        let library: &'static Library = Box::leak(Box::new(library?));
        mapped().insert(identity, library);
        Ok(library)
    }

    /// The address of an exported function or variable.
    ///
    /// Blocks while a constructor runs in another thread.
    pub(crate) fn symbol(&self, name: &CStr) -> Option<NonNull<c_void>> {
        // SAFETY: this only asks for an address, as the pointer it is; whoever uses it answers for its type. The handle
        // is open, because it is never closed.
        let symbol = unsafe { self.library.get::<*mut c_void>(name) };
        NonNull::new(symbol.ok()?.as_raw_ptr().cast())
    }

    /// What the addresses in the file are relative to; `None` where the system does not tell (macOS).
    pub(crate) fn base(&self) -> Option<usize> {
        self.base
    }
}

/// What was loaded. No other file gets the identity of one of these, because the system keeps a file that is mapped.
fn mapped() -> MutexGuard<'static, HashMap<FileIdentity, &'static Library, FixedState>> {
    static MAPPED: LazyLock<Mutex<HashMap<FileIdentity, &'static Library, FixedState>>> =
        LazyLock::new(Mutex::default);
    MAPPED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the loader has a library for a name that another one needs, so that it will not look for one. The library then
/// stays, so that this remains true.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn is_loaded(name: &CStr) -> bool {
    // SAFETY: the name ends in NUL. With this flag nothing is loaded and no code runs: a library that is there already is
    // held once more.
    let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD) };
    !handle.is_null()
}

/// Not known here.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn is_loaded(_name: &CStr) -> bool {
    false
}

/// Loads a part of the C library from the directory of the part that the process has: whoever could put another file there
/// could have put another C library there.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn load_beside_libc(name: &CStr) -> bool {
    use std::os::unix::ffi::OsStrExt;

    let function = libc::gnu_get_libc_version as *const c_void;
    let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: `info` is a place for the result, of which all zeros is a value.
    let info = unsafe {
        if libc::dladdr(function, info.as_mut_ptr()) == 0 {
            return false;
        }
        info.assume_init()
    };
    if info.dli_fname.is_null() {
        return false;
    }
    // SAFETY: the name of the C library, which the loader keeps as long as the library: for ever.
    let libc = Path::new(std::ffi::OsStr::from_bytes(unsafe { CStr::from_ptr(info.dli_fname) }.to_bytes()));
    let beside = libc.with_file_name(std::ffi::OsStr::from_bytes(name.to_bytes()));
    if !libc.is_absolute() || beside.parent() != libc.parent() {
        return false;
    }
    // SAFETY: the code of the C library runs in this process already.
    let opened = unsafe { os::Library::open(Some(&beside), os::RTLD_NOW | os::RTLD_LOCAL) };
    // It stays, as the plugin that needs it does.
    opened.map(ManuallyDrop::new).is_ok() && is_loaded(name)
}

/// Not known here.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn load_beside_libc(_name: &CStr) -> bool {
    false
}

/// Why a library was not loaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The operating system's loader refused it.
    Refused {
        /// The file.
        path: PathBuf,
        /// What the loader says.
        message: String,
    },
    /// Another file took the path between its inspection and its load, which had to go by the path.
    ///
    /// The code of that other file may have run, if it was put there while the loader was at work.
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// The file was changed in place between its inspection and its load. Nothing of it was mapped.
    Rewritten {
        /// The file.
        path: PathBuf,
    },
    /// The verified bytes are in memory, from where they can be loaded only through `/proc`, which is not there.
    NoProc {
        /// The file.
        path: PathBuf,
    },
    /// Another thread's load did not end in time: a constructor runs in it, and may be waiting for this very load. Nothing of
    /// the file was mapped.
    Blocked {
        /// The file.
        path: PathBuf,
        /// What the other thread is loading.
        loading: PathBuf,
        /// For how long this one waited.
        waited: Duration,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Refused { path, message } => {
                write!(f, "the system's loader refused {}: {message}", path.display())
            }
            LoadError::Replaced { path } => {
                write!(f, "{} was replaced while it was being loaded; open it again", path.display())
            }
            LoadError::Rewritten { path } => write!(
                f,
                "{} was changed in place while it was being opened; replace plugins by renaming a new file over the old",
                path.display()
            ),
            LoadError::NoProc { path } => write!(
                f,
                "the verified copy of {} can be loaded only through /proc, where it is not to be seen; mount /proc of this process's own container",
                path.display()
            ),
            LoadError::Blocked { path, loading, waited } => write!(
                f,
                "{} was not loaded: {} is still being loaded by another thread after {} s; if a constructor in it waits for \
                 other threads, let `#[init]` do so instead",
                path.display(),
                loading.display(),
                waited.as_secs()
            ),
        }
    }
}

impl Error for LoadError {}

impl LoadError {
    /// The loader names the file by the spelling it was given; a reader knows it by its path.
    fn refused(path: &Path, spelling: &Path, error: &libloading::Error) -> LoadError {
        let reason = error.source().map_or_else(|| error.to_string(), |source| source.to_string());
        let message = reason.replace(&*spelling.to_string_lossy(), &path.to_string_lossy());
        LoadError::Refused { path: path.to_path_buf(), message }
    }
}

/// Loads by path what is, before and after, the open file.
///
/// # Safety
///
/// As [`Library::load`]; `open` loads the library at the path it is given.
unsafe fn load_by_path(
    file: &OpenFile,
    spelling: &Path,
    open: unsafe fn(&Path) -> Result<os::Library, libloading::Error>,
) -> Result<os::Library, LoadError> {
    let path = file.path();
    let place = file.place().unwrap_or(path);
    let unchanged = || FileIdentity::at(place).is_ok_and(|found| found == file.loaded_identity());
    let replaced = || LoadError::Replaced { path: path.to_path_buf() };
    if !unchanged() {
        return Err(replaced());
    }
    // SAFETY: the caller vouches for the file, and the file is what is at the path.
    let opened = unsafe { open(spelling) };
    if !unchanged() {
        // Whatever was loaded stays: closing it could crash what it has started.
        let _ = opened.map(ManuallyDrop::new);
        return Err(replaced());
    }
    opened.map_err(|error| LoadError::refused(path, spelling, &error))
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod platform {
    use std::ffi::{CString, c_char, c_int};
    use std::os::fd::AsRawFd;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::ptr::{self, addr_of_mut};
    use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

    use super::*;

    pub(super) unsafe fn load(file: &OpenFile) -> Result<Library, LoadError> {
        // SAFETY: the caller vouches for the file.
        let (library, spelling) = match unsafe { load_through_proc(file) }? {
            Some(loaded) => loaded,
            None => {
                let place = file.place();
                let place = place.ok_or_else(|| LoadError::NoProc { path: file.path().to_path_buf() })?;
                let spelling = spell_path(place, next_load());
                // SAFETY: the caller vouches for the file.
                (unsafe { load_by_path(file, &spelling, open) }?, spelling)
            }
        };
        let mut library = ManuallyDrop::new(library);
        let base = link_map(&mut library).map(|map| {
            // SAFETY: the library is open for ever, so its link map stays.
            unsafe { name_after(map, &spelling, file.path()) };
            // SAFETY: as above; `l_addr` is written before `dlopen` returns and never again.
            unsafe { (*map.as_ptr()).l_addr }
        });
        Ok(Library { library, base })
    }

    /// Loads the open file itself, and says by which spelling; `None` if it is not to be seen in `/proc`.
    ///
    /// # Safety
    ///
    /// As [`Library::load`].
    unsafe fn load_through_proc(file: &OpenFile) -> Result<Option<(os::Library, PathBuf)>, LoadError> {
        let own = std::fs::read_link("/proc/self");
        let descriptors = own_descriptors(own.as_deref().ok());
        let descriptor = file.file().as_raw_fd().to_string();
        let spelling = spell(&descriptors.directory, next_load(), descriptor.as_ref());
        let is_there = || FileIdentity::at(&spelling).is_ok_and(|found| found == file.loaded_identity());
        if !descriptors.are_ours && !is_there() {
            return Ok(None);
        }
        // SAFETY: the caller vouches for the file, and the spelling leads to it.
        match unsafe { open(&spelling) } {
            Ok(library) => Ok(Some((library, spelling))),
            Err(error) if is_there() => Err(LoadError::refused(file.path(), &spelling, &error)),
            Err(_) => Ok(None),
        }
    }

    /// Where this process's open files are.
    #[derive(Debug, PartialEq)]
    pub(super) struct Descriptors {
        pub(super) directory: PathBuf,
        /// Whether that is sure: `/proc` calls this process as it calls itself.
        pub(super) are_ours: bool,
    }

    /// Where this process's open files are, by what `/proc/self` leads to. By the process id, because gdb opens the library by
    /// this name at this moment, and its own `self` is not ours. But a `/proc` that belongs to another container may call a
    /// stranger by that id, who could have it lead to one file when it is looked at and to another when it is loaded.
    pub(super) fn own_descriptors(own: Option<&Path>) -> Descriptors {
        let id = std::process::id().to_string();
        let are_ours = own == Some(Path::new(&id));
        let name = if are_ours { &id } else { "self" };
        Descriptors { directory: ["/proc", name, "fd"].iter().collect(), are_ours }
    }

    /// A load of this process, told from all others: a plugin may have a copy of this crate.
    #[derive(Debug, Clone, Copy)]
    pub(super) struct Load {
        /// Where the copy's counter is, in its own size.
        pub(super) copy: usize,
        pub(super) count: u32,
    }

    pub(super) fn next_load() -> Load {
        static LOADS: AtomicU32 = AtomicU32::new(1);
        let copy = (&raw const LOADS).addr() / align_of::<AtomicU32>();
        // No process has room for so many libraries that it wraps.
        Load { copy, count: LOADS.fetch_add(1, Ordering::Relaxed) }
    }

    /// glibc returns the library it has when a name is asked for again, and descriptor numbers are used again; so each
    /// load has a spelling of its own, by `/` and `.` between a directory and a name.
    ///
    /// glibc compares it with the name of each library that there is. So what differs from load to load comes first, bit by
    /// bit, and all spellings have one length: where names of libraries differ in that, the thousandth load takes a fifth
    /// longer. For the system a `.` takes much longer than a `/`: what is the same for all loads has larger digits.
    pub(super) fn spell(directory: &Path, load: Load, name: &Path) -> PathBuf {
        const BASE: usize = 16;
        let mut spelling = directory.as_os_str().as_bytes().to_vec();
        for bit in 0..u32::BITS {
            spelling.extend_from_slice(if (load.count >> bit) & 1 == 0 { b"//" } else { b"/." });
        }
        let mut rest = load.copy;
        while rest != 0 {
            spelling.extend(std::iter::repeat_n(b'/', 1 + rest % BASE));
            spelling.push(b'.');
            rest /= BASE;
        }
        spelling.push(b'/');
        spelling.extend_from_slice(name.as_os_str().as_bytes());
        PathBuf::from(std::ffi::OsString::from_vec(spelling))
    }

    pub(super) fn spell_path(path: &Path, load: Load) -> PathBuf {
        match (path.parent(), path.file_name()) {
            (Some(directory), Some(name)) => spell(directory, load, name.as_ref()),
            _ => path.to_path_buf(),
        }
    }

    /// All symbols now, so that a missing one is an error here and not an exit later; none of them visible to others.
    ///
    /// # Safety
    ///
    /// As [`Library::load`].
    pub(super) unsafe fn open(path: &Path) -> Result<os::Library, libloading::Error> {
        const RTLD_NODELETE: c_int = libc::RTLD_NODELETE;
        // SAFETY: the caller vouches for the code.
        unsafe { os::Library::open(Some(path), os::RTLD_NOW | os::RTLD_LOCAL | RTLD_NODELETE) }
    }

    /// The public head of `struct link_map` (`<link.h>`).
    #[repr(C)]
    pub(super) struct LinkMap {
        l_addr: usize,
        l_name: *mut c_char,
    }

    fn link_map(library: &mut ManuallyDrop<os::Library>) -> Option<NonNull<LinkMap>> {
        // SAFETY: the library is not used again under this ownership: the handle goes back below.
        let handle = unsafe { ManuallyDrop::take(library) }.into_raw();
        // SAFETY: the handle is from `dlopen` and open; it is not closed, because this is a `ManuallyDrop`.
        *library = ManuallyDrop::new(unsafe { os::Library::from_raw(handle) });
        let mut map: *mut LinkMap = ptr::null_mut();
        // SAFETY: the handle is open, and for this request the third argument is a place for a pointer to a link map.
        let failed = unsafe { libc::dlinfo(handle, libc::RTLD_DI_LINKMAP, addr_of_mut!(map).cast()) };
        if failed == 0 { NonNull::new(map) } else { None }
    }

    /// Gives the library its real name, so that backtraces, `dladdr` and debuggers find its file.
    ///
    /// A library that was here before under a name of its own keeps it.
    ///
    /// # Safety
    ///
    /// `map` is the link map of an open library.
    unsafe fn name_after(map: NonNull<LinkMap>, spelling: &Path, path: &Path) {
        // SAFETY: the map is valid, and `l_name` an aligned pointer in it. The loader does not write it after `dlopen`;
        // others read it (`dl_iterate_phdr`), so that it is written in one piece.
        let name = unsafe { AtomicPtr::from_ptr(&raw mut (*map.as_ptr()).l_name) };
        // SAFETY: the loader's names end in NUL, and are never freed: neither those of a library that stays open nor
        // the ones that are leaked here.
        let current = unsafe { CStr::from_ptr(name.load(Ordering::Acquire)) };
        if current.to_bytes() != spelling.as_os_str().as_bytes() {
            return;
        }
        if let Ok(real) = CString::new(path.as_os_str().as_bytes()) {
            name.store(real.into_raw(), Ordering::Release);
        }
    }
}

#[cfg(all(unix, not(all(target_os = "linux", target_env = "gnu"))))]
mod platform {
    use super::*;

    pub(super) unsafe fn load(file: &OpenFile) -> Result<Library, LoadError> {
        // SAFETY: the caller vouches for the file.
        let library = unsafe { load_by_path(file, file.place().unwrap_or(file.path()), open)? };
        Ok(Library { library: ManuallyDrop::new(library), base: None })
    }

    /// # Safety
    ///
    /// As [`Library::load`].
    unsafe fn open(path: &Path) -> Result<os::Library, libloading::Error> {
        // SAFETY: the caller vouches for the code.
        unsafe { os::Library::open(Some(path), os::RTLD_NOW | os::RTLD_LOCAL) }
    }
}

#[cfg(windows)]
mod platform {
    use super::*;

    pub(super) unsafe fn load(file: &OpenFile) -> Result<Library, LoadError> {
        // SAFETY: the caller vouches for the file.
        let library = unsafe { load_by_path(file, file.place().unwrap_or(file.path()), open)? };
        let handle = library.into_raw();
        // SAFETY: the handle was just taken from a library; it is not closed, because this is a `ManuallyDrop`.
        let library = ManuallyDrop::new(unsafe { os::Library::from_raw(handle) });
        // A module handle is the address the file is mapped at.
        Ok(Library { library, base: Some(handle as usize) })
    }

    /// Looks for what the library needs in the program's and the system's directories, never beside it or in the current
    /// one.
    ///
    /// # Safety
    ///
    /// As [`Library::load`].
    unsafe fn open(path: &Path) -> Result<os::Library, libloading::Error> {
        // SAFETY: the caller vouches for the code.
        unsafe { os::Library::load_with_flags(path, os::LOAD_LIBRARY_SEARCH_DEFAULT_DIRS) }
    }
}

#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod tests;
