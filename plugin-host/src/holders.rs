//! Who still holds something of a plugin.

mod waiting;

use std::{
    collections::BTreeMap,
    fmt,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};

use plugin_core::{
    __private::{Counter, Kind, ledger},
    RootModule,
};

use crate::{loaded::Loaded, plugin::Plugin};

use waiting::tell;
pub(crate) use waiting::{Waiting, left_until};

/// Something of a plugin that others have, and how many of it: what keeps [`Plugin::shutdown`] waiting.
///
/// Its `Display` says it in plain words: ``2 objects of `codec_api::Codec` ``.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// What it is.
    pub kind: HolderKind,
    /// How many.
    pub count: usize,
}

/// What a [`Holder`] has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum HolderKind {
    /// [`Root`](crate::Root) handles of this copy of plugin-host, on the plugin's shared object of an interface, and plugins
    /// that use it because they require the interface.
    Root {
        /// The interface: crate and trait.
        interface: String,
    },
    /// What the [`Slot`](crate::Slot)s of a host lead to, or led to, with guards that are left.
    Slot,
    /// A constructor that runs, for [`Plugin::instantiate`].
    Constructor,
    /// A [`Host::reload`](crate::Host::reload) that goes over from it to another generation.
    Reload,
    /// Objects of an interface, wherever they are: an [`Instance`](plugin_core::Instance), `Box<dyn Trait>`, or each
    /// `Arc<dyn Trait>` that crossed.
    Object {
        /// The interface: crate and trait. One with type arguments is listed without them.
        interface: String,
    },
    /// Closures that the plugin gave away.
    Closure,
    /// Futures of its `async fn`s, finished or not.
    Future,
    /// Boxed iterators.
    Iterator,
    /// Boxed errors.
    Error,
    /// [`AnyValue`](plugin_core::abi::AnyValue)s.
    Value,
    /// Clones of the plugin's wakers, kept by what it polls.
    Waker,
    /// Threads of the plugin that run: of [`plugin_core::thread::spawn`], and those of its tokio runtime, `plugin-tokio`.
    Thread {
        /// The name.
        name: String,
    },
}

impl Plugin {
    /// Who holds something of the plugin at this moment, in this process; empty if nobody does.
    ///
    /// Counted are objects, closures, futures, iterators, errors and `AnyValue`s that went out of the plugin, wherever they
    /// are now, also in other plugins; [`Root`](crate::Root)s, and what [`Slot`](crate::Slot)s lead to; and the plugin's registered threads. Not counted, since nothing
    /// of the plugin runs when they end, are `Plugin` handles, functions and references that lookups returned, text,
    /// vectors, and panics. The objects that the plugin made when it was started are its own: who uses one holds a `Root`.
    ///
    /// While other threads get and drop things the list is a snapshot of each count, but it is empty only if there was a
    /// moment at which nobody held anything.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let plugin = host.open("lz4")?;
    /// for holder in plugin.holders() {
    ///     println!("{plugin} is held by {holder}"); // lz4 1.0.0 is held by 2 objects of `codec_api::Codec`
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A plugin that is linked into its host shares the counts of plugin-core with the host and with all that is linked in,
    /// so of such a plugin only `Root`s and running constructors are listed. Those of a plugin-host that is linked into another plugin are
    /// not seen here.
    #[must_use]
    pub fn holders(&self) -> Vec<Holder> {
        let loaded = self.loaded();
        let mut holders = loaded.outside();
        holders.extend(threads(loaded.root));
        holders
    }
}

/// How many went out, and how many came back: see [`Handles`](crate::handles::Handles) for why there are two numbers.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    out: AtomicUsize,
    back: AtomicUsize,
}

impl Tally {
    pub(crate) fn out(&self) {
        // In one order with the flag that keeps new holders away: either this is seen, or the flag.
        self.out.fetch_add(1, SeqCst);
    }

    pub(crate) fn back(&self) {
        self.back.fetch_add(1, SeqCst);
        tell();
    }

    /// Whether something is out, while nothing more goes out.
    pub(crate) fn any(&self) -> bool {
        self.back.load(SeqCst) != self.out.load(SeqCst)
    }
}

/// What was read of one count.
trait Count {
    fn out(&self) -> usize;
    fn back(&self) -> usize;
}

impl Count for Tally {
    fn out(&self) -> usize {
        self.out.load(SeqCst)
    }

    fn back(&self) -> usize {
        self.back.load(SeqCst)
    }
}

impl Count for Counter {
    fn out(&self) -> usize {
        self.went_out()
    }

    fn back(&self) -> usize {
        self.came_back()
    }
}

/// What this copy of plugin-host counts of a library.
#[derive(Debug)]
pub(crate) struct Tallies {
    /// [`Root`](crate::Root)s, in the order of the provided interfaces.
    pub(crate) roots: Vec<Tally>,
    /// Likewise, whether another plugin required the object, which may use it for ever.
    pub(crate) required: Vec<AtomicBool>,
    /// What slots lead to, in any host.
    pub(crate) slots: Tally,
    /// Whoever asks for an object.
    pub(crate) asking: Tally,
    /// Whoever goes over to another generation.
    pub(crate) reloads: Tally,
}

impl Tallies {
    pub(crate) fn new(provided: usize) -> Self {
        Self {
            roots: std::iter::repeat_with(Tally::default).take(provided).collect(),
            required: std::iter::repeat_with(AtomicBool::default).take(provided).collect(),
            slots: Tally::default(),
            asking: Tally::default(),
            reloads: Tally::default(),
        }
    }
}

impl Loaded {
    /// Who holds something of the plugin, threads aside. None only if there was a moment without.
    pub(crate) fn outside(&self) -> Vec<Holder> {
        let provides = self.head.provides().map(|interface| interface.id.to_owned());
        let roots = provides.zip(&self.tallies.roots);
        let roots = roots.map(|(interface, tally)| (HolderKind::Root { interface }, tally as &dyn Count));
        let asking = (HolderKind::Constructor, &self.tallies.asking as &dyn Count);
        let counters = self.counters().map(|counter| (kind(counter), counter as &dyn Count));
        let slots = (HolderKind::Slot, &self.tallies.slots as &dyn Count);
        let reloads = (HolderKind::Reload, &self.tallies.reloads as &dyn Count);
        let own = [slots, asking, reloads];
        let unlisted = self.tallies.roots.len() + own.len();
        let read: Vec<_> = roots.chain(own).chain(counters).collect();
        // First all that came back, then all that went out. A counter that is new by now counted what went out since.
        let back: Vec<_> = read.iter().map(|(_, count)| count.back()).collect();
        let mut held = BTreeMap::<HolderKind, usize>::new();
        for ((kind, count), back) in read.iter().zip(back) {
            *held.entry(kind.clone()).or_default() += count.out().wrapping_sub(back);
        }
        let known = read.len() - unlisted;
        let now: Vec<_> = self.counters().collect();
        for counter in now.iter().take(now.len() - known) {
            *held.entry(kind(counter)).or_default() += counter.went_out();
        }
        held.into_iter().filter(|(_, count)| *count > 0).map(|(kind, count)| Holder { kind, count }).collect()
    }

    /// What the plugin counts; nothing if it shares the counts with this program.
    fn counters(&self) -> impl Iterator<Item = &'static Counter> {
        let ledger = if is_linked(self.root) { None } else { Some(self.root.ledger()) };
        ledger.into_iter().flat_map(|ledger| ledger.counters())
    }
}

/// The plugin's threads that run.
pub(crate) fn threads(root: &RootModule) -> Vec<Holder> {
    let threads = if is_linked(root) { None } else { root.ledger().threads() };
    let mut named = BTreeMap::<String, usize>::new();
    for name in threads.map(|threads| threads.names()).into_iter().flatten() {
        *named.entry(name).or_default() += 1;
    }
    named.into_iter().map(|(name, count)| Holder { kind: HolderKind::Thread { name }, count }).collect()
}

/// Whether a plugin has this program's copy of plugin-core: then threads, runtime and counts are the program's, too.
pub(crate) fn is_linked(root: &RootModule) -> bool {
    std::ptr::eq(root.ledger(), ledger())
}

fn kind(counter: &Counter) -> HolderKind {
    match counter.kind() {
        Kind::Object => HolderKind::Object { interface: counter.name().to_owned() },
        Kind::Closure => HolderKind::Closure,
        Kind::Future => HolderKind::Future,
        Kind::Iterator => HolderKind::Iterator,
        Kind::Error => HolderKind::Error,
        Kind::Value => HolderKind::Value,
        Kind::Waker => HolderKind::Waker,
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, count } = self;
        let (one, many) = match kind {
            HolderKind::Root { .. } => ("root", "roots"),
            HolderKind::Slot => ("host's slots, or guards of them", "hosts' slots, or guards of them"),
            HolderKind::Constructor => ("running constructor", "running constructors"),
            HolderKind::Reload => ("reload", "reloads"),
            HolderKind::Object { .. } => ("object", "objects"),
            HolderKind::Closure => ("closure", "closures"),
            HolderKind::Future => ("future", "futures"),
            HolderKind::Iterator => ("iterator", "iterators"),
            HolderKind::Error => ("error", "errors"),
            HolderKind::Value => ("`AnyValue`", "`AnyValue`s"),
            HolderKind::Waker => ("waker", "wakers"),
            HolderKind::Thread { .. } => ("thread", "threads"),
        };
        write!(f, "{count} {}", if *count == 1 { one } else { many })?;
        match kind {
            HolderKind::Root { interface } | HolderKind::Object { interface } => {
                write!(f, " of `{interface}`")
            }
            HolderKind::Thread { name } => write!(f, " `{name}`"),
            HolderKind::Slot
            | HolderKind::Constructor
            | HolderKind::Reload
            | HolderKind::Closure
            | HolderKind::Future
            | HolderKind::Iterator
            | HolderKind::Error
            | HolderKind::Value
            | HolderKind::Waker => Ok(()),
        }
    }
}

/// Holders, one after the other.
pub(crate) struct List<'h>(pub(crate) &'h [Holder]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, holder) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{holder}")?;
        }
        Ok(())
    }
}
