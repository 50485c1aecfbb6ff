//! What a host has open.
#![forbid(unsafe_code)]

mod table;

use std::{
    collections::HashMap,
    fmt,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use foldhash::fast::FixedState;

use crate::{plugin::Plugin, subject::Place};
use table::Table;

/// The plugins that a host has open. Finding one by its place takes no lock and writes nothing that other threads write to.
#[derive(Default)]
pub(crate) struct Opened {
    by_place: Table<Place, Plugin>,
    list: Mutex<List>,
}

/// What is asked for only when a plugin is opened that is not open yet, and when something is to be done with all.
#[derive(Default)]
struct List {
    /// Which of them has a name; of several, the one that took it last.
    by_name: HashMap<String, Plugin, FixedState>,
    /// In the order in which they were opened here.
    in_order: Vec<Plugin>,
}

impl Opened {
    /// Does what a thread's first look does besides looking.
    pub(crate) fn touch(&self) {
        self.by_place.touch();
    }

    pub(crate) fn by_place(&self, place: &Place) -> Option<Plugin> {
        self.by_place.get(place)
    }

    /// What has a name and is not shut down.
    pub(crate) fn by_name(&self, name: &str) -> Option<Plugin> {
        self.list().by_name.get(name).filter(|plugin| !plugin.is_shut_down()).cloned()
    }

    /// All of them, also those that are shut down.
    pub(crate) fn in_order(&self) -> Vec<Plugin> {
        self.list().in_order.clone()
    }

    /// Whether this very handle's plugin is open here.
    pub(crate) fn has(&self, plugin: &Plugin) -> bool {
        self.by_place(&plugin.loaded().place).is_some_and(|open| open.is_same_handle(plugin))
    }

    /// Lets a newer generation take the place of an older one.
    pub(crate) fn replace(&self, old: &Plugin, new: &Plugin) {
        let mut list = self.list();
        list.by_name.insert(new.name().to_owned(), new.clone());
        list.in_order.retain(|plugin| !plugin.is_same_handle(old));
        drop(list);
        self.by_place.retain(|plugin| !plugin.is_same_handle(old));
    }

    /// Only one thread at a time does so for one library.
    pub(crate) fn insert(&self, place: Place, plugin: &Plugin) {
        let own = plugin.loaded().place;
        let is_new = self.by_place(&own).is_none();
        let mut list = self.list();
        list.by_name.insert(plugin.name().to_owned(), plugin.clone());
        if is_new {
            list.in_order.push(plugin.clone());
        }
        drop(list);
        if is_new {
            self.by_place.insert(own, plugin.clone());
        }
        if place != own {
            self.by_place.insert(place, plugin.clone());
        }
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Two plugins of one name, of which a host opens one, unless it opens them [side by side](crate::Host::side_by_side).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NameTaken {
    /// The name of both.
    pub name: String,
    /// The version of the one that is open.
    pub open_version: String,
    /// The file that it was loaded from.
    pub open_path: PathBuf,
    /// The version of the other one.
    pub found_version: String,
    /// Its file: the same path if a file was replaced or written to after it was opened.
    pub found_path: PathBuf,
    /// Whether both are linked into this program, whose file both paths are.
    pub are_linked: bool,
}

impl fmt::Display for NameTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, open_version, open_path, found_version, found_path, are_linked } = self;
        if *are_linked {
            write!(
                f,
                "plugin {name} {found_version} is linked into this program: expected no other plugin of that name, found \
                 {name} {open_version} open, which is linked into it as well; open one of the two only, or both by \
                 `Host::side_by_side`"
            )
        } else if open_path == found_path {
            write!(
                f,
                "{} was replaced or written to since plugin {name} {open_version} was opened from it, and is {name} \
                 {found_version} now: expected the file that is open; go over to the new one by `Host::reload`, or open \
                 both by `Host::side_by_side`",
                open_path.display()
            )
        } else {
            write!(
                f,
                "{} is plugin {name} {found_version}: expected no other plugin of that name, found {name} {open_version} \
                 open from {}; open one of the two files only, or both by `Host::side_by_side`",
                found_path.display(),
                open_path.display()
            )
        }
    }
}
