//! Interfaces that signatures mention. Their objects may come from either side, so each side must fit the other; and
//! since they may mention each other, they are compared one by one, not inside the types that mention them.

use std::collections::HashSet;

use super::{comparison::Comparison, interfaces::is_namesake, path::Path, show::trait_name};
use crate::descriptor::{ArgumentEntry, Descriptor, InterfaceEntry, TypeEntry, TypeShape};

/// The types that mention an interface somewhere in the methods of an interface, or of those that it mentions itself.
pub(super) fn of_interface<'d>(
    descriptor: &'d Descriptor<'d>,
    interface: &'d InterfaceEntry<'d>,
) -> Vec<&'d TypeEntry<'d>> {
    if !descriptor.has_mentions() {
        return Vec::new();
    }
    let mut search = Search::new(descriptor);
    search.interface(interface);
    search.finish()
}

/// The types that mention an interface somewhere in a type, or in the methods of those that it mentions.
pub(super) fn of_type<'d>(descriptor: &'d Descriptor<'d>, layout: u32) -> Vec<&'d TypeEntry<'d>> {
    if !descriptor.has_mentions() {
        return Vec::new();
    }
    let mut search = Search::new(descriptor);
    search.layout(layout);
    search.finish()
}

/// A walk over everything that can be reached, each thing once.
struct Search<'d> {
    descriptor: &'d Descriptor<'d>,
    types: HashSet<u32>,
    interfaces: HashSet<*const InterfaceEntry<'d>>,
    open: Vec<u32>,
    found: Vec<&'d TypeEntry<'d>>,
}

impl<'d> Search<'d> {
    fn new(descriptor: &'d Descriptor<'d>) -> Self {
        Self {
            descriptor,
            types: HashSet::new(),
            interfaces: HashSet::new(),
            open: Vec::new(),
            found: Vec::new(),
        }
    }

    fn interface(&mut self, interface: &'d InterfaceEntry<'d>) {
        let mut open = vec![interface];
        while let Some(interface) = open.pop() {
            if self.interfaces.insert(core::ptr::from_ref(interface)) {
                open.extend(self.descriptor.supers(interface));
                for method in self.descriptor.methods(interface) {
                    self.layout(method.signature);
                }
            }
        }
    }

    fn layout(&mut self, layout: u32) {
        if self.types.insert(layout) {
            self.open.push(layout);
        }
    }

    fn finish(mut self) -> Vec<&'d TypeEntry<'d>> {
        while let Some(layout) = self.open.pop() {
            self.contents(self.descriptor.type_at(layout));
        }
        self.found
    }

    fn contents(&mut self, entry: &'d TypeEntry<'d>) {
        for argument in self.descriptor.arguments(entry) {
            if let ArgumentEntry::Type(argument) = argument {
                self.layout(*argument);
            }
        }
        match entry.shape {
            TypeShape::Opaque | TypeShape::Recursive => {}
            TypeShape::Interface => {
                self.found.push(entry);
                self.interface(self.descriptor.mentioned(entry));
            }
            TypeShape::Pointer(_) | TypeShape::Array { length: _ } => self.layout(entry.target),
            TypeShape::Function { is_unsafe: _ } => {
                self.layout(entry.target);
                for parameter in self.descriptor.members(entry) {
                    self.layout(parameter.layout());
                }
            }
            TypeShape::Struct => {
                for field in self.descriptor.members(entry) {
                    self.layout(field.layout());
                }
            }
            TypeShape::Enum => {
                for variant in self.descriptor.members(entry) {
                    for field in self.descriptor.variant_fields(variant) {
                        self.layout(field.layout());
                    }
                }
            }
        }
    }
}

impl<'c> Comparison<'c> {
    /// Compares what the host's types mention with what the plugin knows under the same ids and arguments; what the plugin
    /// does not know is never passed.
    pub(super) fn mentions(&mut self, host: Vec<&TypeEntry<'_>>) {
        self.is_mutual = true;
        for expected in host {
            for found in self.meant(expected) {
                let (host, plugin) = (self.host.mentioned(expected), self.plugin.mentioned(found));
                self.interfaces(&Path::new(trait_name(host.id)), host, plugin);
            }
        }
        self.is_mutual = false;
    }

    /// What the plugin has under the id and the arguments of an interface: the very same, else those whose arguments read
    /// the same, which may be types that grow.
    fn meant(&mut self, expected: &TypeEntry<'_>) -> Vec<&'c TypeEntry<'c>> {
        let known = self.plugin.types.iter().filter(|found| found.shape == TypeShape::Interface);
        if let Some(found) = known.clone().find(|found| found.fingerprint == expected.fingerprint) {
            return vec![found];
        }
        let host = (self.host, self.host.mentioned(expected));
        let mut meant = Vec::new();
        for found in known.filter(|found| found.name == expected.name) {
            // What is written to compare it is a few lines long.
            if !self.spend(8) {
                break;
            }
            if is_namesake(host, (self.plugin, self.plugin.mentioned(found))) {
                meant.push(found);
            }
        }
        meant
    }
}
