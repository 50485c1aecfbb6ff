//! What a host has open.
#![forbid(unsafe_code)]

use std::{
    fmt,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use foldhash::fast::RandomState;
use papaya::HashMap;

use crate::{plugin::Plugin, subject::Place};

/// The plugins that a host has open. Looking one up takes no lock and writes nothing that other threads write to.
#[derive(Default)]
pub(crate) struct Opened {
    by_place: HashMap<Place, Plugin, RandomState>,
    /// Which of them has a name; of several, the one that took it last.
    by_name: HashMap<String, Plugin, RandomState>,
    /// In the order in which they were opened here. Finding a plugin that is open does not ask for it.
    in_order: Mutex<Vec<Plugin>>,
}

impl Opened {
    /// Does what a thread's first look does besides looking.
    pub(crate) fn touch(&self) {
        drop(self.by_place.pin());
    }

    pub(crate) fn by_place(&self, place: &Place) -> Option<Plugin> {
        self.by_place.pin().get(place).cloned()
    }

    /// What has a name and is not shut down.
    pub(crate) fn by_name(&self, name: &str) -> Option<Plugin> {
        self.by_name.pin().get(name).filter(|plugin| !plugin.is_shut_down()).cloned()
    }

    /// All of them, also those that are shut down.
    pub(crate) fn in_order(&self) -> Vec<Plugin> {
        self.in_order.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether this very handle's plugin is open here.
    pub(crate) fn has(&self, plugin: &Plugin) -> bool {
        let by_place = self.by_place.pin();
        by_place.get(&plugin.loaded().place).is_some_and(|open| open.is_same_handle(plugin))
    }

    /// Lets a newer generation take the place of an older one.
    pub(crate) fn replace(&self, old: &Plugin, new: &Plugin) {
        self.by_name.pin().insert(new.name().to_owned(), new.clone());
        self.in_order
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|plugin| !plugin.is_same_handle(old));
        self.by_place.pin().retain(|_, plugin| !plugin.is_same_handle(old));
    }

    pub(crate) fn insert(&self, place: Place, plugin: &Plugin) {
        self.by_name.pin().insert(plugin.name().to_owned(), plugin.clone());
        let mut in_order = self.in_order.lock().unwrap_or_else(PoisonError::into_inner);
        if !in_order.contains(plugin) {
            in_order.push(plugin.clone());
        }
        drop(in_order);
        let by_place = self.by_place.pin();
        for place in [place, plugin.loaded().place] {
            by_place.insert(place, plugin.clone());
        }
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
