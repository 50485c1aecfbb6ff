//! How far the start of a plugin is: in its root module, because it is one fact for all copies of `plugin-host` in the
//! process. Each plugin that is a host itself has a copy, and none sees what another keeps.

use core::{
    ffi::c_void,
    ptr,
    sync::atomic::{
        AtomicPtr, AtomicU32, AtomicU64,
        Ordering::{Acquire, Relaxed, Release, SeqCst},
    },
};

use super::{Context, RootModule};

const UNSTARTED: u32 = 0;
const STARTING: u32 = 1;
const STARTED: u32 = 2;
/// It was started and shut down.
const ENDED: u32 = 3;

/// How far the start of a plugin is, and who waits for whom.
#[repr(C)]
pub(super) struct Stage {
    stage: AtomicU32,
    /// Who starts it, as the host numbers the threads of the process; 0 if nobody does.
    thread: AtomicU64,
    /// By what the plugin was started last.
    context: AtomicPtr<Context>,
    /// The plugin that this one's start is opening just now, by starting it or by waiting for who does.
    opens: AtomicPtr<RootModule>,
    /// The copies of `plugin-host` that know the plugin.
    copies: AtomicPtr<HostCopy>,
    /// Where this library notes which plugin it is.
    own: &'static AtomicPtr<RootModule>,
}

/// The root module of the library that this code is part of, once it was started.
static OWN: AtomicPtr<RootModule> = AtomicPtr::new(ptr::null_mut());

/// Who starts a plugin.
pub enum Begin {
    /// The caller.
    Now(Start),
    /// Somebody else is at it.
    UnderWay,
    /// It is started.
    Done,
    /// It was shut down: it does not start again.
    Ended,
}

/// The duty to start a plugin; dropped before it is [done](Self::done), it leaves the plugin unstarted.
pub struct Start {
    root: &'static RootModule,
    reached: u32,
}

impl Start {
    /// The plugin is started.
    pub fn done(mut self) {
        self.reached = STARTED;
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        let stage = &self.root.stage;
        stage.thread.store(0, SeqCst);
        stage.stage.store(self.reached, SeqCst);
    }
}

/// Says, while it lives, that the start of one plugin opens another one.
pub struct Opens {
    root: &'static RootModule,
}

impl Drop for Opens {
    fn drop(&mut self) {
        self.root.stage.opens.store(ptr::null_mut(), SeqCst);
    }
}

/// A copy of `plugin-host` that knows the plugin. Leaked, as what it knows of the plugin is.
#[repr(C)]
pub struct HostCopy {
    has_open: extern "C" fn(*const c_void) -> bool,
    library: *const c_void,
    next: AtomicPtr<HostCopy>,
}

impl HostCopy {
    /// `has_open` is asked, with `library`, whether a host of that copy has the plugin open. It must take what it is given
    /// here from any thread, and must not call other copies.
    #[must_use]
    pub const fn new(has_open: extern "C" fn(*const c_void) -> bool, library: *const c_void) -> Self {
        Self { has_open, library, next: AtomicPtr::new(ptr::null_mut()) }
    }
}

impl Stage {
    pub(super) const fn new() -> Self {
        Self {
            stage: AtomicU32::new(UNSTARTED),
            thread: AtomicU64::new(0),
            context: AtomicPtr::new(ptr::null_mut()),
            opens: AtomicPtr::new(ptr::null_mut()),
            copies: AtomicPtr::new(ptr::null_mut()),
            own: &OWN,
        }
    }
}

/// For copies of `plugin-host`.
impl RootModule {
    /// Claims the start of the plugin for a thread.
    pub fn begin(&'static self, thread: u64, context: &'static Context) -> Begin {
        let stage = &self.stage;
        loop {
            match stage.stage.load(Acquire) {
                UNSTARTED => {
                    if stage.stage.compare_exchange(UNSTARTED, STARTING, SeqCst, Acquire).is_ok() {
                        stage.context.store(ptr::from_ref(context).cast_mut(), Release);
                        stage.own.store(ptr::from_ref(self).cast_mut(), Release);
                        stage.thread.store(thread, SeqCst);
                        return Begin::Now(Start { root: self, reached: UNSTARTED });
                    }
                }
                STARTING => return Begin::UnderWay,
                ENDED => return Begin::Ended,
                _started => return Begin::Done,
            }
        }
    }

    /// Makes a copy known that has the plugin open.
    pub fn add_copy(&self, copy: &'static HostCopy) {
        let copies = &self.stage.copies;
        let link = |first| {
            copy.next.store(first, Relaxed);
            Some(ptr::from_ref(copy).cast_mut())
        };
        let _ = copies.fetch_update(SeqCst, Acquire, link);
    }

    /// Whether a host of another copy than that of `library` has the plugin open.
    pub fn is_open_in_another_copy(&self, library: *const c_void) -> bool {
        let mut next = self.stage.copies.load(SeqCst);
        // SAFETY: null, or stored by `add_copy` from a reference that lives as long as the process; so are the next ones.
        while let Some(copy) = unsafe { next.as_ref() } {
            if copy.library != library && (copy.has_open)(copy.library) {
                return true;
            }
            next = copy.next.load(Acquire);
        }
        false
    }

    /// Whether the caller is to shut the plugin down: once, and only what was started.
    pub fn end(&self) -> bool {
        self.stage.stage.compare_exchange(STARTED, ENDED, SeqCst, Acquire).is_ok()
    }

    /// Whether the plugin was shut down, by whatever copy.
    pub fn has_ended(&self) -> bool {
        self.stage.stage.load(Acquire) == ENDED
    }

    /// The thread that starts the plugin just now.
    pub fn starting_thread(&self) -> Option<u64> {
        (self.stage.stage.load(SeqCst) == STARTING)
            .then(|| self.stage.thread.load(SeqCst))
            .filter(|thread| *thread != 0)
    }

    /// By what the plugin was started last.
    pub fn context(&self) -> Option<&'static Context> {
        // SAFETY: null, or stored by `begin` from a reference that lives as long as the process.
        unsafe { self.stage.context.load(Acquire).as_ref() }
    }

    /// The plugin that this one's start is opening just now.
    pub fn opens(&self) -> Option<&'static RootModule> {
        // SAFETY: null, or stored by `set_opens` from a reference that lives as long as the process.
        unsafe { self.stage.opens.load(SeqCst).as_ref() }
    }

    /// Says what this plugin's start is opening, until the result is dropped. For the thread that starts it.
    #[must_use]
    pub fn set_opens(&'static self, other: &'static RootModule) -> Opens {
        self.stage.opens.store(ptr::from_ref(other).cast_mut(), SeqCst);
        Opens { root: self }
    }

    /// The plugin that the caller's own library is, if it is one. Of several that are linked into one program, any.
    pub fn own() -> Option<&'static RootModule> {
        // SAFETY: null, or stored by `begin` from a reference that lives as long as the process.
        unsafe { OWN.load(Acquire).as_ref() }
    }
}
