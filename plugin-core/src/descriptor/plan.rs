//! What will be written, and how much: every type once, found by its fingerprint.
#![allow(
    clippy::indexing_slicing,
    reason = "runs in the compiler; at run time only over this crate's own constants"
)]

use super::{
    format::{ALL_TABLES, HEADER, Table},
    layout::PluginLayout,
};
use crate::{
    interface::InterfaceLayout,
    layout::{Argument, Fingerprint, Shape, TypeLayout},
};

/// The contents of a descriptor before they are written.
pub struct Plan {
    pub(super) types: List<TypeLayout, { Self::MAX_TYPES }>,
    pub(super) interfaces: List<InterfaceLayout, { Self::MAX_INTERFACES }>,
    /// For each type the position of its number, plus one, in an open-addressed hash table.
    slots: [u16; Self::SLOTS],
    /// Records of each table.
    pub(super) counts: [usize; ALL_TABLES.len()],
    /// Bytes of text.
    pub(super) text: usize,
}

/// References in order of discovery.
pub(super) struct List<T: 'static, const N: usize> {
    items: [Option<&'static T>; N],
    pub(super) length: usize,
}

impl<T, const N: usize> List<T, N> {
    const EMPTY: Self = Self { items: [None; N], length: 0 };

    pub(super) const fn get(&self, index: usize) -> &'static T {
        match self.items[index] {
            Some(item) => item,
            None => panic!("an index beyond the list"),
        }
    }

    const fn push(&mut self, item: &'static T) {
        assert!(
            self.length < N,
            "the plugin's interface is larger than a descriptor holds: 4,096 types, 256 interfaces"
        );
        self.items[self.length] = Some(item);
        self.length += 1;
    }
}

/// Digest of an interface and of all that can be reached through it.
///
/// # Panics
///
/// At compile time, if it mentions two versions of one interface.
pub(crate) const fn reach(interface: &'static [&'static InterfaceLayout; 1]) -> Fingerprint {
    if !interface[0].mentions.are_some() {
        return interface[0].fingerprint;
    }
    let plan = Plan::of_plugin(&PluginLayout {
        name: "",
        version: "",
        root_symbol: "",
        toolchain: crate::toolchain::Toolchain::CURRENT,
        provides: interface,
        requires: &[],
        symbols: &[],
        state: &[],
    });
    let mut digest = Fingerprint::start("reach");
    let mut index = 0;
    while index < plan.interfaces.length {
        digest = digest.child(plan.interfaces.get(index).fingerprint, 0, 0);
        index += 1;
    }
    digest
}

impl Plan {
    /// Most types in a descriptor.
    pub const MAX_TYPES: usize = 4096;
    /// Most interfaces, supertraits included.
    pub const MAX_INTERFACES: usize = 256;
    const SLOTS: usize = 2 * Self::MAX_TYPES;

    /// Plans the descriptor of a plugin.
    ///
    /// # Panics
    ///
    /// If it has more types or interfaces than a descriptor holds.
    #[must_use]
    pub const fn of_plugin(plugin: &PluginLayout) -> Self {
        let mut plan = Self {
            types: List::EMPTY,
            interfaces: List::EMPTY,
            slots: [0; Self::SLOTS],
            counts: [0; ALL_TABLES.len()],
            text: 0,
        };
        let facts = &plugin.toolchain;
        plan.text(plugin.name);
        plan.text(plugin.version);
        plan.text(plugin.root_symbol);
        plan.text(facts.rustc_release);
        plan.text(facts.rustc_commit);
        plan.text(facts.target);
        plan.text(facts.target_features);
        plan.text(facts.opt_level);

        let mut rest = plugin.provides;
        while let [interface, others @ ..] = rest {
            assert!(plan.find_interface(interface).is_none(), "an interface is provided twice");
            plan.interface(interface);
            rest = others;
        }
        let mut rest = plugin.requires;
        while let [requirement, others @ ..] = rest {
            let mut further = others;
            while let [other, behind @ ..] = further {
                assert!(
                    !requirement.interface.fingerprint.equals(other.interface.fingerprint),
                    "an interface is required twice"
                );
                further = behind;
            }
            plan.interface(requirement.interface);
            plan.text(requirement.versions);
            rest = others;
        }
        let mut rest = plugin.symbols;
        while let [symbol, others @ ..] = rest {
            plan.text(symbol.name);
            plan.text(symbol.lifetimes);
            plan.visit(symbol.layout);
            rest = others;
        }
        let mut rest = plugin.state;
        while let [state, others @ ..] = rest {
            plan.visit(state.layout);
            rest = others;
        }
        // Interfaces mention types, which mention interfaces.
        let (mut interface, mut layout) = (0, 0);
        while interface < plan.interfaces.length || layout < plan.types.length {
            if interface < plan.interfaces.length {
                plan.interface_contents(plan.interfaces.get(interface));
                interface += 1;
            } else {
                plan.type_contents(plan.types.get(layout));
                layout += 1;
            }
        }
        plan.counts[super::format::TYPES.index] = plan.types.length;
        plan.counts[super::format::INTERFACES.index] = plan.interfaces.length;
        plan.counts[super::format::SYMBOLS.index] = plugin.symbols.len() + plugin.state.len();
        plan
    }

    /// Where a table begins.
    pub(super) const fn offset(&self, table: Table) -> usize {
        let mut offset = HEADER;
        let mut index = 0;
        while index < table.index {
            offset += self.counts[index] * ALL_TABLES[index].width;
            index += 1;
        }
        offset
    }

    /// Where the texts begin: behind the last table.
    pub(super) const fn text_offset(&self) -> usize {
        let last = ALL_TABLES[ALL_TABLES.len() - 1];
        self.offset(last) + self.counts[last.index] * last.width
    }

    /// The index of a type that was visited.
    pub(super) const fn type_index(&self, fingerprint: Fingerprint) -> u32 {
        let slot = self.slot(fingerprint);
        assert!(self.slots[slot] != 0, "a type that was not planned");
        self.slots[slot] as u32 - 1
    }

    /// The index of an interface that was visited.
    pub(super) const fn interface_index(&self, interface: &InterfaceLayout) -> u32 {
        match self.find_interface(interface) {
            Some(index) => index as u32,
            None => panic!("an interface that was not planned"),
        }
    }

    const fn find_interface(&self, interface: &InterfaceLayout) -> Option<usize> {
        let mut index = 0;
        while index < self.interfaces.length {
            if self.interfaces.get(index).fingerprint.equals(interface.fingerprint) {
                return Some(index);
            }
            index += 1;
        }
        None
    }

    const fn interface(&mut self, interface: &'static InterfaceLayout) {
        if self.find_interface(interface).is_none() {
            self.interfaces.push(interface);
        }
    }

    const fn interface_contents(&mut self, interface: &'static InterfaceLayout) {
        self.text(interface.id);
        self.text(interface.version);
        self.arguments(interface.arguments);
        self.counts[super::format::SUPERS.index] += interface.supers.len();
        self.counts[super::format::METHODS.index] += interface.methods.len();
        let mut rest = interface.supers;
        while let [first, others @ ..] = rest {
            self.interface(first);
            rest = others;
        }
        let mut rest = interface.methods;
        while let [method, others @ ..] = rest {
            self.text(method.name);
            self.text(method.since);
            self.text(method.lifetimes);
            self.visit(method.signature);
            rest = others;
        }
    }

    const fn type_contents(&mut self, layout: &'static TypeLayout) {
        self.text(layout.name);
        self.text(layout.declaration.origin);
        self.text(layout.declaration.lifetimes);
        if let Some(mut since) = layout.declaration.growth {
            while let [version, others @ ..] = since {
                self.text(version);
                since = others;
            }
        }
        self.arguments(layout.arguments);
        match layout.shape {
            Shape::Opaque | Shape::Recursive(_) => {}
            Shape::Interface(interface) => self.interface(interface.get()),
            Shape::Struct(fields) => self.fields(fields),
            Shape::Enum { repr, variants } => {
                self.visit(repr);
                self.counts[super::format::MEMBERS.index] += variants.len();
                let mut rest = variants;
                while let [variant, others @ ..] = rest {
                    self.text(variant.name);
                    self.fields(variant.fields);
                    rest = others;
                }
            }
            Shape::Pointer(_, target) => self.visit(target),
            Shape::Array { element, length: _ } => self.visit(element),
            Shape::Function(function) => {
                self.visit(function.result);
                self.fields(function.parameters);
            }
        }
    }

    const fn arguments(&mut self, arguments: &'static [Argument]) {
        self.counts[super::format::ARGUMENTS.index] += arguments.len();
        let mut rest = arguments;
        while let [first, others @ ..] = rest {
            if let Argument::Type(argument) = first {
                self.visit(argument);
            }
            rest = others;
        }
    }

    const fn fields(&mut self, fields: &'static [crate::layout::Field]) {
        self.counts[super::format::MEMBERS.index] += fields.len();
        let mut rest = fields;
        while let [field, others @ ..] = rest {
            self.text(field.name);
            self.visit(field.layout);
            rest = others;
        }
    }

    const fn text(&mut self, text: &str) {
        self.text += text.len();
    }

    const fn visit(&mut self, layout: &'static TypeLayout) {
        let slot = self.slot(layout.fingerprint);
        if self.slots[slot] == 0 {
            self.types.push(layout);
            self.slots[slot] = self.types.length as u16;
        } else {
            let known = self.types.get(self.slots[slot] as usize - 1);
            assert!(
                known.mentions.equal(layout.mentions),
                "two versions of one interface are mentioned: depend on one version of its crate"
            );
        }
    }

    /// The slot that holds the type, or the free one where it belongs.
    const fn slot(&self, fingerprint: Fingerprint) -> usize {
        let mut slot = fingerprint.low_bits() % Self::SLOTS;
        loop {
            let number = self.slots[slot] as usize;
            if number == 0 || self.types.get(number - 1).fingerprint.equals(fingerprint) {
                return slot;
            }
            slot = (slot + 1) % Self::SLOTS;
        }
    }
}
