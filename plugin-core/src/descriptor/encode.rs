//! Writes a descriptor, at compile time for a plugin and at run time for what a host expects.
#![allow(
    clippy::indexing_slicing,
    reason = "runs in the compiler; at run time only over this crate's own constants"
)]

use xxhash_rust::const_xxh3::xxh3_64;

use super::{
    format::{
        ALL_TABLES, ARGUMENTS, CHECKSUMMED, DEBUG_ASSERTIONS, FORMAT_VERSION, FORWARDS_LOG, FORWARDS_TRACING,
        FUNCTION, INTERFACES, IS_GROWING, IS_OPTIONAL, IS_SEND, IS_SYNC, IS_TRANSPARENT, MEMBERS, METHODS,
        PROVIDED, REQUIRED, RESTORE, SAVE, SHAPE_ARRAY, SHAPE_ENUM, SHAPE_FUNCTION, SHAPE_INTERFACE,
        SHAPE_OPAQUE, SHAPE_POINTER, SHAPE_RECURSIVE, SHAPE_STRUCT, STATIC, SUPERS, SYMBOLS,
        SYSTEM_ALLOCATOR, TABLES, TYPES, Table,
    },
    layout::{PluginLayout, RequirementLayout, StateLayout, StateRole, SymbolKind, SymbolLayout},
    plan::Plan,
};
use crate::{
    allocation::Allocator,
    interface::InterfaceLayout,
    layout::{Argument, Declaration, Field, Fingerprint, Shape, TypeLayout, Variant, pointer_code},
    toolchain::{Endianness, PanicStrategy, Toolchain},
};

/// The length of a plugin's descriptor: a multiple of four.
#[must_use]
pub const fn encoded_length(_plugin: &PluginLayout, plan: &Plan) -> usize {
    let length = (plan.text_offset() + plan.text).next_multiple_of(4);
    assert!(length <= super::MAX_LENGTH, "the plugin's interface is larger than a descriptor holds: 1 MiB");
    length
}

/// The descriptor of a plugin; `N` is its [`encoded_length`].
#[must_use]
pub const fn encode<const N: usize>(plugin: &PluginLayout, plan: &Plan) -> [u8; N] {
    let mut bytes = [0; N];
    Writer::new(&mut bytes, plan).plugin(plugin);
    bytes
}

/// A descriptor of what this build expects of a plugin: the host's side of a comparison.
#[must_use]
pub fn encode_expected(
    interfaces: &'static [&'static InterfaceLayout],
    symbols: &'static [SymbolLayout],
) -> Vec<u8> {
    let plugin = PluginLayout {
        name: "",
        version: "",
        root_symbol: "",
        toolchain: Toolchain::CURRENT,
        provides: interfaces,
        requires: &[],
        symbols,
        state: &[],
    };
    encode_now(&plugin)
}

/// The descriptor of a plugin, at run time.
#[must_use]
pub fn encode_now(plugin: &PluginLayout) -> Vec<u8> {
    let plan = Box::new(Plan::of_plugin(plugin));
    let mut bytes = vec![0; encoded_length(plugin, &plan)];
    Writer::new(&mut bytes, &plan).plugin(plugin);
    bytes
}

/// What a plugin requires of an interface.
const fn requirement(
    plugin: &PluginLayout,
    interface: &InterfaceLayout,
) -> Option<&'static RequirementLayout> {
    let mut rest = plugin.requires;
    while let [requirement, others @ ..] = rest {
        if requirement.interface.fingerprint.equals(interface.fingerprint) {
            return Some(requirement);
        }
        rest = others;
    }
    None
}

struct Writer<'a> {
    bytes: &'a mut [u8],
    plan: &'a Plan,
    /// Where the next text goes.
    text: usize,
    /// The next free record of each table.
    next: [usize; ALL_TABLES.len()],
}

impl<'a> Writer<'a> {
    const fn new(bytes: &'a mut [u8], plan: &'a Plan) -> Self {
        Self { bytes, plan, text: plan.text_offset(), next: [0; ALL_TABLES.len()] }
    }

    const fn plugin(mut self, plugin: &PluginLayout) {
        let facts = &plugin.toolchain;
        self.u32(0, FORMAT_VERSION);
        self.u32(4, self.bytes.len() as u32);
        self.text(16, plugin.name);
        self.text(24, plugin.version);
        self.text(32, plugin.root_symbol);
        self.text(40, facts.rustc_release);
        self.text(48, facts.rustc_commit);
        self.text(56, facts.target);
        self.text(64, facts.target_features);
        self.text(72, facts.opt_level);
        self.bytes[80] = facts.pointer_width;
        self.bytes[81] = match facts.endianness {
            Endianness::Little => 0,
            Endianness::Big => 1,
        };
        self.bytes[82] = match facts.panic {
            PanicStrategy::Unwind => 0,
            PanicStrategy::Abort => 1,
        };
        self.bytes[83] = if facts.debug_assertions { DEBUG_ASSERTIONS } else { 0 }
            | if facts.logs.log { FORWARDS_LOG } else { 0 }
            | if facts.logs.tracing { FORWARDS_TRACING } else { 0 }
            | match facts.allocator {
                Allocator::Own => 0,
                Allocator::System => SYSTEM_ALLOCATOR,
            };
        self.u32(84, facts.abi_format);
        let mut index = 0;
        while index < ALL_TABLES.len() {
            self.u32(TABLES + 8 * index, self.plan.offset(ALL_TABLES[index]) as u32);
            self.u32(TABLES + 8 * index + 4, self.plan.counts[index] as u32);
            index += 1;
        }

        let mut index = 0;
        while index < self.plan.interfaces.length {
            let interface = self.plan.interfaces.get(index);
            self.interface(interface, index < plugin.provides.len(), requirement(plugin, interface));
            index += 1;
        }
        let mut rest = plugin.symbols;
        while let [symbol, others @ ..] = rest {
            self.symbol(symbol);
            rest = others;
        }
        let mut rest = plugin.state;
        while let [state, others @ ..] = rest {
            self.state(state);
            rest = others;
        }
        let mut index = 0;
        while index < self.plan.types.length {
            self.layout(self.plan.types.get(index));
            index += 1;
        }

        let (_, checked) = self.bytes.split_at(CHECKSUMMED);
        let checksum = xxh3_64(checked);
        self.put(8, &checksum.to_le_bytes());
    }

    const fn interface(
        &mut self,
        interface: &InterfaceLayout,
        provided: bool,
        requirement: Option<&RequirementLayout>,
    ) {
        let at = self.record(INTERFACES);
        self.text(at, interface.id);
        self.text(at + 8, interface.version);
        self.fingerprint(at + 16, interface.fingerprint);
        let flags = if provided { PROVIDED } else { 0 }
            | if interface.is_send { IS_SEND } else { 0 }
            | if interface.is_sync { IS_SYNC } else { 0 }
            | match requirement {
                Some(RequirementLayout { is_optional: true, .. }) => REQUIRED | IS_OPTIONAL,
                Some(RequirementLayout { is_optional: false, .. }) => REQUIRED,
                None => 0,
            };
        self.u32(at + 32, flags);
        self.range(at + 36, SUPERS, interface.supers.len());
        self.range(at + 44, METHODS, interface.methods.len());
        self.range(at + 52, ARGUMENTS, interface.arguments.len());
        self.text(
            at + 60,
            match requirement {
                Some(requirement) => requirement.versions,
                None => "",
            },
        );
        self.arguments(interface.arguments);
        let mut rest = interface.supers;
        while let [first, others @ ..] = rest {
            let at = self.record(SUPERS);
            self.u32(at, self.plan.interface_index(first));
            rest = others;
        }
        let mut rest = interface.methods;
        while let [method, others @ ..] = rest {
            let at = self.record(METHODS);
            self.text(at, method.name);
            self.text(at + 8, method.since);
            self.text(at + 16, method.lifetimes);
            self.fingerprint(at + 24, method.fingerprint);
            self.type_index(at + 40, method.signature);
            self.u32(at + 44, method.receiver.code());
            rest = others;
        }
    }

    const fn symbol(&mut self, symbol: &SymbolLayout) {
        let at = self.record(SYMBOLS);
        self.text(at, symbol.name);
        self.text(at + 8, symbol.lifetimes);
        self.fingerprint(at + 16, symbol.fingerprint());
        self.type_index(at + 32, symbol.layout);
        let kind = match symbol.kind {
            SymbolKind::Function => FUNCTION,
            SymbolKind::Static => STATIC,
        };
        self.u32(at + 36, kind);
    }

    const fn state(&mut self, state: &StateLayout) {
        let at = self.record(SYMBOLS);
        self.text(at, "");
        self.text(at + 8, "");
        self.fingerprint(at + 16, state.layout.fingerprint);
        self.type_index(at + 32, state.layout);
        let kind = match state.role {
            StateRole::Save => SAVE,
            StateRole::Restore => RESTORE,
        };
        self.u32(at + 36, kind);
        self.u32(at + 40, state.version);
    }

    const fn layout(&mut self, layout: &TypeLayout) {
        let at = self.record(TYPES);
        self.fingerprint(at, layout.fingerprint);
        self.text(at + 16, layout.name);
        self.put(at + 24, &(layout.size as u64).to_le_bytes());
        self.u32(at + 32, layout.align as u32);
        self.range(at + 44, ARGUMENTS, layout.arguments.len());
        self.arguments(layout.arguments);
        let Declaration { origin, lifetimes, is_transparent, growth } = layout.declaration;
        let grows = if growth.is_some() { IS_GROWING } else { 0 };
        self.text(at + 72, origin);
        self.text(at + 80, lifetimes);
        self.bytes[at + 36] = match layout.shape {
            Shape::Opaque => SHAPE_OPAQUE,
            Shape::Struct(fields) => {
                self.bytes[at + 37] = grows | if is_transparent { IS_TRANSPARENT } else { 0 };
                self.fields(at + 52, fields, &layout.declaration);
                SHAPE_STRUCT
            }
            Shape::Enum { repr, variants } => {
                self.bytes[at + 37] = grows;
                self.type_index(at + 40, repr);
                self.variants(at + 52, variants, &layout.declaration);
                SHAPE_ENUM
            }
            Shape::Pointer(kind, target) => {
                self.bytes[at + 37] = pointer_code(kind) as u8;
                self.type_index(at + 40, target);
                SHAPE_POINTER
            }
            Shape::Array { element, length } => {
                self.type_index(at + 40, element);
                self.put(at + 64, &(length as u64).to_le_bytes());
                SHAPE_ARRAY
            }
            Shape::Function(function) => {
                self.bytes[at + 37] = function.is_unsafe as u8;
                self.type_index(at + 40, function.result);
                self.fields(at + 52, function.parameters, &layout.declaration);
                SHAPE_FUNCTION
            }
            Shape::Recursive(_) => SHAPE_RECURSIVE,
            Shape::Interface(interface) => {
                self.u32(at + 40, self.plan.interface_index(interface.get()));
                SHAPE_INTERFACE
            }
        };
    }

    const fn arguments(&mut self, arguments: &[Argument]) {
        let mut rest = arguments;
        while let [first, others @ ..] = rest {
            let at = self.record(ARGUMENTS);
            match first {
                Argument::Type(layout) => self.type_index(at + 4, layout),
                Argument::Const(value) => {
                    self.u32(at, 1);
                    self.put(at + 8, &value.to_le_bytes());
                }
            }
            rest = others;
        }
    }

    const fn fields(&mut self, at: usize, fields: &[Field], of: &Declaration) {
        self.range(at, MEMBERS, fields.len());
        let mut rest = fields;
        while let [field, others @ ..] = rest {
            let at = self.record(MEMBERS);
            self.text(at, field.name);
            self.put(at + 8, &(field.offset as u64).to_le_bytes());
            self.type_index(at + 16, field.layout);
            self.text(at + 24, of.since(fields.len() - rest.len(), fields.len()));
            rest = others;
        }
    }

    /// The variants stand together; the fields of each follow behind the last.
    const fn variants(&mut self, at: usize, variants: &[Variant], of: &Declaration) {
        self.range(at, MEMBERS, variants.len());
        let first = self.next[MEMBERS.index];
        self.next[MEMBERS.index] += variants.len();
        let mut index = 0;
        while index < variants.len() {
            let variant = &variants[index];
            let at = self.plan.offset(MEMBERS) + (first + index) * MEMBERS.width;
            self.text(at, variant.name);
            self.put(at + 8, &variant.discriminant.to_le_bytes());
            self.fields(at + 16, variant.fields, of);
            self.text(at + 24, "");
            index += 1;
        }
    }

    /// Takes the next record of a table, and returns where it begins.
    const fn record(&mut self, table: Table) -> usize {
        let at = self.plan.offset(table) + self.next[table.index] * table.width;
        self.next[table.index] += 1;
        at
    }

    /// Writes the range of the `count` records that come next in a table.
    const fn range(&mut self, at: usize, table: Table, count: usize) {
        self.u32(at, self.next[table.index] as u32);
        self.u32(at + 4, count as u32);
    }

    const fn type_index(&mut self, at: usize, layout: &TypeLayout) {
        self.u32(at, self.plan.type_index(layout.fingerprint));
    }

    const fn fingerprint(&mut self, at: usize, fingerprint: Fingerprint) {
        self.put(at, &fingerprint.to_le_bytes());
    }

    const fn text(&mut self, at: usize, text: &str) {
        self.u32(at, self.text as u32);
        self.u32(at + 4, text.len() as u32);
        self.put(self.text, text.as_bytes());
        self.text += text.len();
    }

    const fn u32(&mut self, at: usize, value: u32) {
        self.put(at, &value.to_le_bytes());
    }

    const fn put(&mut self, at: usize, source: &[u8]) {
        let (_, rest) = self.bytes.split_at_mut(at);
        let (target, _) = rest.split_at_mut(source.len());
        target.copy_from_slice(source);
    }
}
