//! Two lists of named things, matched by name.

use std::collections::{HashMap, HashSet};

/// Which places of the host's list belong to which of the plugin's.
pub(super) struct Pairing {
    /// Same name: place in the host's list, place in the plugin's; in the host's order.
    pub(super) both: Vec<(usize, usize)>,
    pub(super) host_only: Vec<usize>,
    pub(super) plugin_only: Vec<usize>,
}

impl Pairing {
    /// Of things with the same name, which only a forged descriptor has, the last counts; the others are unmatched.
    pub(super) fn by_name<'n>(
        host: impl Iterator<Item = &'n str>,
        plugin: impl ExactSizeIterator<Item = &'n str>,
    ) -> Self {
        let count = plugin.len();
        let mut places: HashMap<_, _> = plugin.enumerate().map(|(place, name)| (name, place)).collect();
        let (mut both, mut host_only) = (Vec::new(), Vec::new());
        for (place, name) in host.enumerate() {
            match places.remove(name) {
                Some(other) => both.push((place, other)),
                None => host_only.push(place),
            }
        }
        let taken: HashSet<_> = both.iter().map(|(_, place)| *place).collect();
        Self { both, host_only, plugin_only: (0..count).filter(|place| !taken.contains(place)).collect() }
    }

    /// Takes out the places where both sides have something unmatched that is the same but for the name.
    pub(super) fn take_renamed(&mut self, mut same: impl FnMut(usize) -> bool) -> Vec<usize> {
        let plugin: HashSet<_> = self.plugin_only.iter().copied().collect();
        let renamed: Vec<_> =
            self.host_only.iter().copied().filter(|place| plugin.contains(place) && same(*place)).collect();
        let taken: HashSet<_> = renamed.iter().copied().collect();
        self.host_only.retain(|place| !taken.contains(place));
        self.plugin_only.retain(|place| !taken.contains(place));
        renamed
    }

    /// Whether what both have stands in another order.
    pub(super) fn is_reordered(&self) -> bool {
        !self.both.is_sorted_by_key(|(_, plugin)| *plugin)
    }

    /// The places in the plugin's list of what both have, in the plugin's order.
    pub(super) fn plugin_order(&self) -> Vec<usize> {
        let mut places: Vec<_> = self.both.iter().map(|(_, plugin)| *plugin).collect();
        places.sort_unstable();
        places
    }
}
