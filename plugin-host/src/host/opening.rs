//! Opening under a host: what it has open, what the process has open, and only then the file.

use std::{path::Path, sync::Arc, time::Instant};

use super::{Event, EventKind, Host};
use plugin_core::{RootModule, descriptor::Head};

use crate::{
    error::OpenError,
    find, library,
    loaded::{FIRST, Generation, Loaded},
    opened::NameTaken,
    plugin::Plugin,
    registry::{self, Key, Turn},
    subject::Place,
    verify::{Known, Verified},
};

/// What becomes of a plugin of the same name that the host has open from another file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Namesake {
    /// It stays the only one: the other is refused.
    Alone,
    /// It goes on beside the new one, which has the name from now on.
    Beside,
}

impl Host {
    pub(super) fn open_requiring(&self, plugin: &Path, required: Option<Known>) -> Result<Plugin, OpenError> {
        let start = Instant::now();
        let open = || {
            library::enter_thread(plugin, || self.opened.touch())?;
            let found = self.find(plugin)?;
            let place = match &found {
                find::Found::File(look) => look.identity().map(Place::File),
                find::Found::Linked(plugin) => Some(Place::Linked(plugin.address())),
            };
            match place.and_then(|place| self.opened.by_place(&place)) {
                Some(plugin) => {
                    required.map_or(Ok(()), |known| plugin.require(known)).map_err(OpenError::Refused)?;
                    Ok(Found::Open(plugin))
                }
                None => self.verify_found(found, required).map(|verified| Found::Closed(Box::new(verified))),
            }
        };
        match open().inspect_err(|error| self.refused(plugin, start, error))? {
            Found::Open(plugin) => Ok(plugin),
            Found::Closed(verified) => self.load(*verified),
        }
    }

    /// Judges what is meant, whether or not it is open.
    pub(super) fn verify_found(
        &self,
        found: find::Found<'_>,
        required: Option<Known>,
    ) -> Result<Verified, OpenError> {
        match found {
            find::Found::File(look) => self.policy.verify(&look, required, &self.events),
            find::Found::Linked(plugin) => self.policy.verify_linked(plugin, required, &self.events),
        }
    }

    /// Opens a verified plugin, once in this host and once in the process, and says what becomes of a namesake.
    pub(crate) fn load_with(&self, verified: &Verified, namesake: Namesake) -> Result<Plugin, OpenError> {
        let start = Instant::now();
        let subject = verified.subject();
        self.load_once(verified, namesake).inspect_err(|error| match error {
            OpenError::AnotherHost { .. } | OpenError::NameTaken(_) | OpenError::Unmet(_) => {
                self.refused(subject.path(), start, error);
            }
            _ => {
                let failed = Event::new(EventKind::Failed, subject.plugin(), subject.path(), start.elapsed());
                self.events.record(failed.because_not_opened(error));
            }
        })
    }

    fn load_once(&self, verified: &Verified, namesake: Namesake) -> Result<Plugin, OpenError> {
        self.load_generation(verified, namesake, FIRST, |_| Ok(()))
    }

    /// Loads a verified file, unless it is loaded: only then is the generation what was asked for. `admit` has the last word on
    /// what there is then, before this host has it open.
    pub(super) fn load_generation<E: From<OpenError>>(
        &self,
        verified: &Verified,
        namesake: Namesake,
        generation: Generation<'_, impl FnOnce(&RootModule, &Head<'_>) -> Result<(), E>>,
        admit: impl FnOnce(&Plugin) -> Result<(), E>,
    ) -> Result<Plugin, E> {
        let subject = verified.subject();
        let path = subject.path();
        if !verified.is_by(&self.policy) {
            return Err(OpenError::AnotherHost { path: path.to_owned() }.into());
        }
        let place = subject.place();
        let head = subject.head();
        library::enter_thread(path, || self.opened.touch()).map_err(OpenError::from)?;
        let mut opening = registry::begin(subject.plugin().to_owned(), path.to_owned());

        let host = Arc::as_ptr(&self.opened).addr();
        if namesake == Namesake::Alone {
            opening.claim(Key::Name { host, name: head.name.to_owned() })?;
            if let Some(plugin) = self.opened.by_place(&place) {
                subject.is_what_is_open()?;
                return Ok(plugin);
            }
            if let Some(open) = self.opened.by_name(head.name) {
                let taken = OpenError::NameTaken(Box::new(NameTaken {
                    name: open.name().to_owned(),
                    open_version: open.version().to_owned(),
                    open_path: open.path().to_owned(),
                    found_version: head.version.to_owned(),
                    found_path: path.to_owned(),
                    are_linked: open.is_linked() && matches!(place, Place::Linked(_)),
                }));
                return Err(taken.into());
            }
        }

        let loaded = match opening.claim(Key::Place(place))? {
            Turn::Open(loaded) => loaded,
            Turn::Ours => {
                let required = self.required_by(verified, generation.replaces)?;
                // SAFETY: its directory, digest or signer was declared trusted, under the promise that its code may run here;
                // what is linked into this program is its own code.
                let loaded =
                    unsafe { Loaded::load(verified, required, &mut opening, &self.events, generation) }?;
                opening.opened(Key::Place(place), loaded);
                loaded
            }
        };
        subject.is_what_is_open()?;
        opening.claim(Key::Handle { host, root: loaded.root_address() })?;
        // Another thread may have been first; or the library is open here as what its file was before it was written to.
        let plugin = self.opened.by_place(&loaded.place).unwrap_or_else(|| loaded.hold(&self.events));
        admit(&plugin)?;
        self.opened.insert(place, &plugin);
        Ok(plugin)
    }

    /// Records that a file was refused before anything of it was mapped.
    pub(super) fn refused(&self, asked: &Path, start: Instant, error: &OpenError) {
        let (plugin, path) = match error {
            OpenError::Refused(refusal) => (&*refusal.plugin, &*refusal.path),
            OpenError::Unmet(unmet) => (&*unmet.plugin, &*unmet.path),
            OpenError::Dependency(failed) => (&*failed.plugin, &*failed.path),
            _ => ("", asked),
        };
        self.events
            .record(Event::new(EventKind::Refused, plugin, path, start.elapsed()).because_not_opened(error));
    }
}

/// What there is for a name before anything is loaded.
enum Found {
    Open(Plugin),
    Closed(Box<Verified>),
}
