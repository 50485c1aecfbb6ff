//! A library that is loaded and started: what exists once in the process, whichever hosts have it open.

mod copies;
mod ending;

use std::{
    collections::HashMap,
    ffi::CString,
    path::PathBuf,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError, atomic::AtomicBool},
    time::Instant,
};

use foldhash::fast::FixedState;
use plugin_core::{
    __private::Address,
    ABI_FORMAT, Context, RawObject, RootModule,
    descriptor::{DecodeError, Descriptor, Head, SymbolEntry},
};

use crate::{
    error::OpenError,
    holders::Tallies,
    host::{Event, EventKind, EventLog, Gathered},
    inspect::Inspected,
    library::{self, Library},
    lookup::Fitting,
    needed,
    plugin::Plugin,
    registry::{Key, Opening, Turn},
    slot::Retirement,
    start,
    subject::{Place, Subject},
    uses::Use,
    verify::Verified,
    view::View,
};

use ending::End;
pub(crate) use ending::{Asking, Release};

/// A library that is loaded and started. Never freed, as the library is never unmapped.
pub(crate) struct Loaded {
    pub(crate) path: PathBuf,
    /// Where it is: the file that was loaded, as it was then, or in this program.
    pub(crate) place: Place,
    pub(crate) root: &'static RootModule,
    pub(crate) head: Head<'static>,
    /// With the types, once somebody has asked for them.
    whole: OnceLock<Result<Descriptor<'static>, DecodeError>>,
    pub(crate) context: &'static Context,
    /// One for each provided interface that may be shared between threads, made when the plugin was started.
    pub(crate) shared: Vec<Option<RawObject>>,
    /// Exported symbols by name, as indices into the descriptor's list and the root module's addresses.
    by_name: HashMap<&'static str, usize, FixedState>,
    /// What lookups of them have shown.
    pub(crate) fitting: Fitting,
    /// How many reloads it took to get to this one, and one more.
    pub(crate) generation: u32,
    /// Whose state it restored when it was started.
    restored: Option<&'static Self>,
    pub(crate) retirement: Retirement,
    /// Where the end is recorded, once no host has it any more.
    retired_by: Mutex<Option<EventLog>>,
    pub(crate) tallies: Tallies,
    /// What it requires of other plugins, as long as it has not ended.
    uses: Mutex<Vec<Use>>,
    hosts: Mutex<Hosts>,
    /// Whether it gives no more objects: decided under the lock.
    is_closed: AtomicBool,
}

/// Which generation of a plugin is loaded, and what the last step of its start is.
pub(crate) struct Generation<'p, F> {
    pub(crate) number: u32,
    /// Which one it takes the place of.
    pub(crate) replaces: Option<&'p Plugin>,
    /// Whose state the last step restores.
    pub(crate) restores: Option<&'static Loaded>,
    pub(crate) then: F,
}

/// The last step of a start.
type LastStep = fn(&RootModule, &Head<'_>) -> Result<(), OpenError>;

/// Of a plugin that is opened: nothing is to be done beyond its start.
pub(crate) const FIRST: Generation<'static, LastStep> =
    Generation { number: 1, replaces: None, restores: None, then: |_, _| Ok(()) };

/// Which hosts of this program have a library open.
struct Hosts {
    /// Never freed, but used again when no handle is left on one.
    views: Vec<&'static View>,
    end: End,
}

// SAFETY: `shared` is what keeps this from being derived; it has only objects whose interface is `Send` and `Sync`.
unsafe impl Send for Loaded {}
// SAFETY: as above; everything else is constant, atomic or behind a lock.
unsafe impl Sync for Loaded {}

impl Loaded {
    /// Loads a verified file, and compares what was mapped with what was verified, or takes what is linked into this
    /// program; and starts the plugin with what it requires of others.
    ///
    /// # Safety
    ///
    /// Whoever declared the file trusted vouched for its code.
    pub(crate) unsafe fn load<E: From<OpenError>>(
        verified: &Verified,
        required: Gathered,
        opening: &mut Opening,
        events: &EventLog,
        Generation { number: generation, replaces: _, restores, then }: Generation<
            '_,
            impl FnOnce(&RootModule, &Head<'_>) -> Result<(), E>,
        >,
    ) -> Result<&'static Self, E> {
        let start = Instant::now();
        let subject = verified.subject();
        let path = subject.path().to_owned();
        let (root, head) = match subject {
            Subject::File(inspected) => {
                // SAFETY: the caller vouches for the file's code.
                let mapped = unsafe { map(inspected, verified) }?;
                events.record(Event::new(EventKind::Loaded, &inspected.plugin, &path, start.elapsed()));
                mapped
            }
            Subject::Linked(linked) => (linked.plugin.root(), (*linked.descriptor).clone()),
        };
        let place = subject.place();
        let is_linked = matches!(place, Place::Linked(_));
        opening.found(root);
        // The system knows a file that was written to since as the one that it has: that one is started already.
        let key = Key::Root(root_address(root));
        if let Turn::Open(loaded) = opening.claim(key.clone())? {
            return Ok(loaded);
        }
        let start = Instant::now();
        // Never freed: `#[init]` and constructors may have kept it, also those that failed.
        let context: &'static Context =
            Box::leak(Box::new(Context::new(&path).with_required(required.objects)));
        let mut is_last_step_done = false;
        let then = |root: &RootModule, head: &Head<'_>| -> Result<(), E> {
            then(root, head)?;
            is_last_step_done = true;
            Ok(())
        };
        // SAFETY: the root module was just compared with the descriptor, or the descriptor is its own.
        let started = unsafe { start::start(root, &head, context, opening.outer(), is_linked, then) }?;
        events.record(Event::new(EventKind::Initialised, subject.plugin(), &path, start.elapsed()));
        let by_name = head.symbols().iter().enumerate().map(|(index, symbol)| (symbol.name, index)).collect();
        let tallies = Tallies::new(root.constructors().len());
        // There is no last step if another copy of this crate has started it.
        let restored = restores.filter(|_| is_last_step_done);
        let (retirement, retired_by) = (Retirement::default(), Mutex::default());
        // Another copy of this crate may have shut it down.
        let end = if started.is_some() { End::Open } else { End::Done };
        let (hosts, is_closed) = (Mutex::new(Hosts { views: Vec::new(), end }), AtomicBool::new(false));
        let shared = started.unwrap_or_default();
        let loaded = Box::leak(Box::new(Self {
            path,
            place,
            root,
            head,
            whole: OnceLock::new(),
            context,
            shared,
            by_name,
            fitting: Fitting::default(),
            generation,
            restored,
            retirement,
            retired_by,
            tallies,
            uses: Mutex::new(required.uses),
            hosts,
            is_closed,
        }));
        loaded.make_known();
        opening.opened(key, loaded);
        Ok(loaded)
    }

    /// Whether it is in this program, and not in a library of its own.
    pub(crate) fn is_linked(&self) -> bool {
        matches!(self.place, Place::Linked(_))
    }

    /// The plugin's description, with the types.
    pub(crate) fn descriptor(&self) -> Result<&Descriptor<'static>, DecodeError> {
        self.whole.get_or_init(|| Descriptor::of(self.head.clone())).as_ref().map_err(|error| *error)
    }

    /// Whether it began with the state of another generation, or with that of one that did.
    pub(crate) fn has_state_of(&self, old: &Self) -> bool {
        std::iter::successors(self.restored, |earlier| earlier.restored)
            .any(|earlier| std::ptr::eq(earlier, old))
    }

    /// Where the root module is: no two libraries have it at one address.
    pub(crate) fn root_address(&self) -> usize {
        root_address(self.root)
    }

    /// A handle for a host that does not have one yet.
    pub(crate) fn hold(&'static self, events: &EventLog) -> Plugin {
        let mut hosts = self.hosts();
        if self.root.has_ended() && !hosts.end.is_final() {
            hosts.end = End::Done;
        }
        let is_shut_down = hosts.end.is_final();
        if let Some(free) = hosts.views.iter().find(|view| !view.handles.any()) {
            free.renew(is_shut_down, events.clone());
            return Plugin::new(free);
        }
        let view: &'static View = Box::leak(Box::new(View::new(self, is_shut_down, events.clone())));
        hosts.views.push(view);
        Plugin::new(view)
    }

    /// The exported symbol of a name: its place among them, its description and its address.
    pub(crate) fn symbol(&self, name: &str) -> Option<(usize, &SymbolEntry<'static>, Address)> {
        let index = *self.by_name.get(name)?;
        Some((index, self.head.symbols().get(index)?, *self.root.symbols().get(index)?))
    }

    /// Gives back what it required of others.
    fn end_uses(&self) {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn set_retired_by(&self, events: EventLog) {
        *self.retired_by.lock().unwrap_or_else(PoisonError::into_inner) = Some(events);
    }

    pub(crate) fn retired_by(&self) -> Option<EventLog> {
        self.retired_by.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn take_retired_by(&self) -> Option<EventLog> {
        self.retired_by.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn hosts(&self) -> MutexGuard<'_, Hosts> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn root_address(root: &'static RootModule) -> usize {
    std::ptr::from_ref(root).addr()
}

/// Maps a verified file, and compares what was mapped with what was verified.
///
/// # Safety
///
/// As for [`Loaded::load`].
unsafe fn map(
    inspected: &Inspected,
    verified: &Verified,
) -> Result<(&'static RootModule, Head<'static>), OpenError> {
    verified.probe()?;
    // Ends before the plugin's `#[init]` runs, which may wait for other threads.
    let _turn = library::take_turn(inspected.path())?;
    needed::settle(inspected)?;
    // SAFETY: the caller vouches for the file's code.
    let library = unsafe { Library::load(&inspected.file) }?;
    inspected.file.remember_loaded();
    root_module(library, inspected)
}

/// Finds the root module, compares it with the description that was verified, and reads that where it is mapped.
fn root_module(
    library: &Library,
    inspected: &Inspected,
) -> Result<(&'static RootModule, Head<'static>), OpenError> {
    let changed = || OpenError::Changed { path: inspected.path().to_owned() };
    let symbol = CString::new(inspected.head().root_symbol).map_err(|_| changed())?;
    let Some(address) = library.symbol(&symbol) else {
        return Err(OpenError::NoRootModule {
            path: inspected.path().to_owned(),
            symbol: inspected.head().root_symbol.to_owned(),
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
    if !in_place {
        return Err(changed());
    }
    let head = inspected.head().at(mapped).ok_or_else(changed)?;
    if is_complete(root, &head) { Ok((root, head)) } else { Err(changed()) }
}

/// Whether a root module has as many parts as the head of its descriptor says.
pub(crate) fn is_complete(root: &RootModule, head: &Head<'_>) -> bool {
    root.constructors().len() == head.provides().len()
        && root.symbols().len() == head.symbols().len() + head.state().len()
}
