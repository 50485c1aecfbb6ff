//! Slots: what a host calls through, whichever generation of the plugin is current.

mod line;
mod retirement;
mod sync;

use std::{fmt, mem::ManuallyDrop, ops::Deref, sync::Arc};

use plugin_core::{__private::known, Instance, Interface, RawObject};

pub(crate) use line::{Line, Pause};
pub(crate) use retirement::{Duty, Left, Retirement};
use sync::Held;

use crate::{plugin::Plugin, root::RootError, verify::Known};

/// A place for a plugin's shared object of the interface `I` that goes over to the newest generation with every
/// [`Host::reload`](crate::Host::reload), for all slots of the plugin in the host at once.
///
/// A handle: cheap to clone, and to be shared between threads. Made by [`Host::slot`](crate::Host::slot) and
/// [`Host::open_slot`](crate::Host::open_slot).
///
/// ```no_run
/// # use plugin_core::plugin_interface;
/// # #[plugin_interface]
/// # pub trait Counter: Send + Sync { fn count(&self) -> u64; }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # // SAFETY: an example that is not run.
/// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
/// let counter = host.open_slot::<dyn Counter>("counter")?;
/// std::thread::scope(|scope| {
///     scope.spawn(|| counter.load().count());
///     // Calls before this go to the old generation, and finish there; calls after it go to the new one.
///     scope.spawn(|| host.reload(&counter.plugin()));
/// });
/// # Ok(())
/// # }
/// ```
pub struct Slot<I: ?Sized> {
    line: Arc<Line<Tenure>>,
    /// Which of a tenure's objects is meant.
    index: usize,
    /// The interface, whose objects these are.
    of: std::marker::PhantomData<fn() -> Box<I>>,
}

/// One generation as the slots of a host have it.
pub(crate) struct Tenure {
    plugin: Plugin,
    /// For each interface that a slot was made for.
    objects: Vec<(Known, RawObject)>,
}

// SAFETY: the objects are of interfaces that are `Send` and `Sync`, which `objects_of` holds.
unsafe impl Send for Tenure {}
// SAFETY: as above.
unsafe impl Sync for Tenure {}

impl Tenure {
    /// The objects of a generation for these interfaces.
    pub(crate) fn of(plugin: &Plugin, interfaces: impl Iterator<Item = Known>) -> Result<Self, RootError> {
        let _asking = plugin.ask()?;
        let objects = interfaces.map(|known| plugin.shared(known).map(|(_, object)| (known, object)));
        let objects = objects.collect::<Result<_, _>>()?;
        plugin.loaded().tallies.slots.out();
        Ok(Self { plugin: plugin.clone(), objects })
    }

    pub(crate) fn interfaces(&self) -> impl Iterator<Item = Known> + '_ {
        self.objects.iter().map(|(known, _)| *known)
    }
}

impl Drop for Tenure {
    fn drop(&mut self) {
        self.plugin.loaded().tallies.slots.back();
        self.plugin.let_go();
    }
}

/// Makes a slot of a plugin that its host has open. Not while another thread does, or reloads the plugin.
pub(crate) fn of<I: ?Sized + crate::Shared>(plugin: &Plugin) -> Result<Slot<I>, RootError> {
    let known = known::<I>();
    let line = plugin.line();
    let before = line.as_ref().map(|line| line.load());
    let before = before.as_ref().and_then(Held::get);
    let place = before.and_then(|tenure| tenure.interfaces().position(|other| std::ptr::eq(other, known)));
    if let (Some(line), Some(index)) = (&line, place) {
        return Ok(Slot { line: Arc::clone(line), index, of: std::marker::PhantomData });
    }
    let interfaces: Vec<Known> = before.into_iter().flat_map(Tenure::interfaces).chain([known]).collect();
    let index = interfaces.len() - 1;
    let tenure = Tenure::of(plugin, interfaces.into_iter())?;
    let line = match line {
        Some(line) => {
            line.switch(tenure);
            line
        }
        None => {
            let line = Arc::new(Line::new(tenure));
            plugin.join_line(&line);
            line
        }
    };
    Ok(Slot { line, index, of: std::marker::PhantomData })
}

impl<I: ?Sized + Interface> Slot<I> {
    /// The object of the generation that is current now. The generation stays until the guard is dropped: take a new one
    /// for each call, or for a few that belong together.
    ///
    /// Waits for nobody, except during a reload that [holds calls back](crate::Reload::holding_calls).
    #[inline]
    #[must_use]
    pub fn load(&self) -> SlotGuard<I> {
        let tenure = self.line.load();
        let Some((_, object)) = tenure.get().and_then(|tenure| tenure.objects.get(self.index)) else {
            unreachable!("a tenure has an object for every slot");
        };
        // SAFETY: made by the constructor of this very interface, which fits this build's description; the object belongs to
        // the plugin, which does not end while the tenure lives; the guard never drops it.
        let instance = ManuallyDrop::new(unsafe { Instance::from_raw(*object) });
        SlotGuard { instance, tenure }
    }

    /// The generation that is current now.
    #[must_use]
    pub fn plugin(&self) -> Plugin {
        self.load().plugin().clone()
    }
}

impl<I: ?Sized> Clone for Slot<I> {
    fn clone(&self) -> Self {
        Self { line: Arc::clone(&self.line), index: self.index, of: self.of }
    }
}

impl<I: ?Sized + Interface> fmt::Debug for Slot<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slot({} of {})", I::INTERFACE.id, self.plugin())
    }
}

/// A generation's object, from a [`Slot`]; it dereferences to a real `impl` of the trait, and keeps its generation from being
/// shut down.
pub struct SlotGuard<I: ?Sized> {
    /// Not dropped: the object is the plugin's.
    instance: ManuallyDrop<Instance<I>>,
    tenure: Held<Tenure>,
}

impl<I: ?Sized> SlotGuard<I> {
    /// The generation that the object is of.
    #[must_use]
    pub fn plugin(&self) -> &Plugin {
        match self.tenure.get() {
            Some(tenure) => &tenure.plugin,
            None => unreachable!("what is held is never empty"),
        }
    }
}

impl<I: ?Sized + Interface> Deref for SlotGuard<I> {
    type Target = Instance<I>;

    #[inline(always)]
    fn deref(&self) -> &Instance<I> {
        &self.instance
    }
}

impl<I: ?Sized + Interface> fmt::Debug for SlotGuard<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SlotGuard({} of {})", I::INTERFACE.id, self.plugin())
    }
}
