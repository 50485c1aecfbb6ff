//! Reads a descriptor: total, bounded by its length, and without copying a text.
#![forbid(unsafe_code)]

mod entries;
mod error;
mod reader;

pub use entries::{
    ArgumentEntry, InterfaceEntry, Member, MethodEntry, Requirement, StateEntry, SymbolEntry, TypeEntry,
    TypeShape,
};
pub use error::DecodeError;

use core::ops::Range;

use entries::SymbolRecord;
use reader::Reader;
use xxhash_rust::const_xxh3::xxh3_64;

use super::format::{
    ARGUMENTS, CHECKSUMMED, DEBUG_ASSERTIONS, FORMAT_VERSION, FORWARDS_LOG, FORWARDS_TRACING, HEADER,
    INTERFACES, MAX_LENGTH, MEMBERS, METHODS, SUPERS, SYMBOLS, SYSTEM_ALLOCATOR, TYPES,
};
use crate::allocation::Allocator;
use crate::toolchain::{Endianness, ForwardedLogs, PanicStrategy, Toolchain};

/// A decoded descriptor: every reference in it was checked.
///
/// ```
/// use plugin_core::descriptor::{DecodeError, Descriptor};
///
/// assert!(matches!(Descriptor::decode(b"\x09\0\0\0"), Err(DecodeError::FormatVersion { expected: 1, found: 9 })));
/// ```
#[derive(Debug, Clone)]
pub struct Descriptor<'a> {
    /// Name of the plugin.
    pub name: &'a str,
    /// Version of the plugin.
    pub version: &'a str,
    /// Name of the exported symbol of the root module.
    pub root_symbol: &'a str,
    /// The build.
    pub toolchain: Toolchain<'a>,
    pub(crate) types: Vec<TypeEntry<'a>>,
    members: Vec<Member<'a>>,
    arguments: Vec<ArgumentEntry>,
    interfaces: Vec<InterfaceEntry<'a>>,
    supers: Vec<u32>,
    methods: Vec<MethodEntry<'a>>,
    symbols: Vec<SymbolEntry<'a>>,
    state: Vec<StateEntry>,
}

impl<'a> Descriptor<'a> {
    /// Decodes a descriptor.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the bytes. Time and memory are bounded by their length, which is at most
    /// [`MAX_LENGTH`].
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let reader = Reader::of_header(bytes);
        let version = reader.u32(0)?;
        if version != FORMAT_VERSION {
            return Err(DecodeError::FormatVersion { expected: FORMAT_VERSION, found: version });
        }
        if bytes.len() > MAX_LENGTH {
            return Err(DecodeError::TooLong { limit: MAX_LENGTH, found: bytes.len() });
        }
        let length = reader.u32(4)?;
        if length as usize != bytes.len() || bytes.len() < HEADER {
            return Err(DecodeError::Length { expected: length as usize, found: bytes.len() });
        }
        let (expected, found) = (reader.u64(8)?, xxh3_64(reader.bytes_from(CHECKSUMMED)));
        if expected != found {
            return Err(DecodeError::Checksum { expected, found });
        }

        let reader = reader.with_texts()?;
        let (symbols, state) = split(reader.table(SYMBOLS, entries::symbol)?)?;
        let decoded = Self {
            name: reader.text(16)?,
            version: reader.text(24)?,
            root_symbol: reader.text(32)?,
            toolchain: toolchain(reader)?,
            types: reader.table(TYPES, entries::type_entry)?,
            members: reader.table(MEMBERS, entries::member)?,
            arguments: reader.table(ARGUMENTS, entries::argument)?,
            interfaces: reader.table(INTERFACES, entries::interface)?,
            supers: reader.table(SUPERS, |reader, at| reader.u32(at))?,
            methods: reader.table(METHODS, entries::method)?,
            symbols,
            state,
        };
        decoded.check_references()?;
        Ok(decoded)
    }

    /// The provided interfaces, in the order of the root module's constructors.
    pub fn provides(&self) -> impl ExactSizeIterator<Item = &InterfaceEntry<'a>> {
        let provided = self.interfaces.iter().take_while(|interface| interface.provided).count();
        self.interfaces.get(..provided).unwrap_or_default().iter()
    }

    /// The interfaces that the plugin requires of its host and of other plugins, each with what it requires of it.
    pub fn requires(&self) -> impl Iterator<Item = (&InterfaceEntry<'a>, Requirement<'a>)> {
        self.interfaces.iter().filter_map(|entry| Some((entry, entry.required?)))
    }

    /// The exported functions and statics, in the order of the root module's addresses.
    #[must_use]
    pub fn symbols(&self) -> &[SymbolEntry<'a>] {
        &self.symbols
    }

    /// `#[save]` and `#[restore]`, in the order of the addresses that follow those of the symbols.
    #[must_use]
    pub fn state(&self) -> &[StateEntry] {
        &self.state
    }

    /// The methods of an interface, in the order of its table.
    #[must_use]
    pub fn methods(&self, interface: &InterfaceEntry<'a>) -> &[MethodEntry<'a>] {
        self.methods.get(interface.methods.clone()).unwrap_or_default()
    }

    /// The supertraits of an interface that are interfaces.
    pub fn supers(
        &self,
        interface: &InterfaceEntry<'a>,
    ) -> impl ExactSizeIterator<Item = &InterfaceEntry<'a>> {
        let supers = self.supers.get(interface.supers.clone()).unwrap_or_default();
        // Checked when decoded: each index is within the table, so the fallback is never taken.
        supers.iter().map(|index| self.interfaces.get(*index as usize).unwrap_or(&InterfaceEntry::NONE))
    }

    /// The type at an index of this descriptor.
    #[must_use]
    pub fn type_at(&self, index: u32) -> &TypeEntry<'a> {
        // Checked when decoded, as for `supers`.
        self.types.get(index as usize).unwrap_or(&TypeEntry::NONE)
    }

    /// All interfaces: those that are provided come first, then those that are required, then supertraits and those that signatures mention.
    #[must_use]
    pub fn interfaces(&self) -> &[InterfaceEntry<'a>] {
        &self.interfaces
    }

    /// The interface that a type [mentions](TypeShape::Interface).
    pub(crate) fn mentioned(&self, by: &TypeEntry<'a>) -> &InterfaceEntry<'a> {
        // Checked when decoded, as for `supers`.
        self.interfaces.get(by.target as usize).unwrap_or(&InterfaceEntry::NONE)
    }

    /// The generic arguments of an interface.
    #[must_use]
    pub fn interface_arguments(&self, of: &InterfaceEntry<'a>) -> &[ArgumentEntry] {
        self.arguments.get(of.arguments.clone()).unwrap_or_default()
    }

    /// The generic arguments of a type.
    #[must_use]
    pub fn arguments(&self, of: &TypeEntry<'a>) -> &[ArgumentEntry] {
        self.arguments.get(of.arguments.clone()).unwrap_or_default()
    }

    /// The fields, variants or parameters of a type.
    #[must_use]
    pub fn members(&self, of: &TypeEntry<'a>) -> &[Member<'a>] {
        self.members.get(of.members.clone()).unwrap_or_default()
    }

    /// The fields of a variant.
    #[must_use]
    pub fn variant_fields(&self, variant: &Member<'a>) -> &[Member<'a>] {
        self.members.get(variant.fields()).unwrap_or_default()
    }

    /// Everything that names something else by index names something that is there.
    fn check_references(&self) -> Result<(), DecodeError> {
        let index = |what, index: u32, count: usize| match (index as usize) < count {
            true => Ok(()),
            false => Err(DecodeError::Reference { what, index: index as usize, count }),
        };
        let mut arguments = Claims::new("arguments", self.arguments.len());
        let mut members = Claims::new("members", self.members.len());
        let mut supers = Claims::new("supertraits", self.supers.len());
        let mut methods = Claims::new("methods", self.methods.len());
        let types = self.types.len();
        for entry in &self.types {
            arguments.claim(&entry.arguments)?;
            members.claim(&entry.members)?;
            if let TypeShape::Pointer(..)
            | TypeShape::Array { .. }
            | TypeShape::Enum
            | TypeShape::Function { .. } = entry.shape
            {
                index("type", entry.target, types)?;
            }
            if entry.shape == TypeShape::Interface {
                index("mentioned interface", entry.target, self.interfaces.len())?;
            }
            for member in self.members(entry) {
                if entry.shape == TypeShape::Enum {
                    members.claim(&member.fields())?;
                    for field in self.variant_fields(member) {
                        index("type of a field", field.layout(), types)?;
                    }
                } else {
                    index("type of a member", member.layout(), types)?;
                }
            }
        }
        for argument in &self.arguments {
            if let ArgumentEntry::Type(argument) = argument {
                index("type of an argument", *argument, types)?;
            }
        }
        for interface in &self.interfaces {
            arguments.claim(&interface.arguments)?;
            supers.claim(&interface.supers)?;
            methods.claim(&interface.methods)?;
        }
        for interface in &self.supers {
            index("supertrait", *interface, self.interfaces.len())?;
        }
        for method in &self.methods {
            index("signature of a method", method.signature, types)?;
        }
        for symbol in &self.symbols {
            index("type of a symbol", symbol.layout, types)?;
        }
        for state in &self.state {
            index("type of a state", state.layout, types)?;
        }
        Ok(())
    }
}

/// The exported symbols, and behind them what saves and restores the state: their addresses are in the same order.
fn split(records: Vec<SymbolRecord<'_>>) -> Result<(Vec<SymbolEntry<'_>>, Vec<StateEntry>), DecodeError> {
    let (mut symbols, mut state) = (Vec::new(), Vec::new());
    for record in records {
        match record {
            SymbolRecord::State(entry) => state.push(entry),
            SymbolRecord::Exported(entry) if state.is_empty() => symbols.push(entry),
            SymbolRecord::Exported(_) => {
                let found = state.len() as u64;
                return Err(DecodeError::Value { what: "number of states before a symbol", found });
            }
        }
    }
    Ok((symbols, state))
}

/// The ranges into one table: within it, and together no longer than it, since the encoder shares no record. So whatever
/// walks the ranges takes time in proportion to the descriptor.
struct Claims {
    what: &'static str,
    count: usize,
    claimed: usize,
}

impl Claims {
    const fn new(what: &'static str, count: usize) -> Self {
        Self { what, count, claimed: 0 }
    }

    fn claim(&mut self, range: &Range<usize>) -> Result<(), DecodeError> {
        let &mut Self { what, count, claimed } = self;
        if range.end > count {
            return Err(DecodeError::Reference { what, index: range.end, count });
        }
        self.claimed = claimed.saturating_add(range.len());
        if self.claimed > count {
            return Err(DecodeError::Shared { what, count });
        }
        Ok(())
    }
}

fn toolchain<'a>(reader: Reader<'a>) -> Result<Toolchain<'a>, DecodeError> {
    let value = |what, at: usize, values: [u8; 2]| {
        let found = reader.u8(at)?;
        match values.iter().position(|value| *value == found) {
            Some(position) => Ok(position),
            None => Err(DecodeError::Value { what, found: found.into() }),
        }
    };
    let build = reader.u8(83)?;
    if build & !(DEBUG_ASSERTIONS | FORWARDS_LOG | FORWARDS_TRACING | SYSTEM_ALLOCATOR) != 0 {
        return Err(DecodeError::Value { what: "flags of the build", found: build.into() });
    }
    Ok(Toolchain {
        rustc_release: reader.text(40)?,
        rustc_commit: reader.text(48)?,
        target: reader.text(56)?,
        target_features: reader.text(64)?,
        opt_level: reader.text(72)?,
        pointer_width: reader.u8(80)?,
        endianness: match value("byte order", 81, [0, 1])? {
            0 => Endianness::Little,
            _ => Endianness::Big,
        },
        panic: match value("panic strategy", 82, [0, 1])? {
            0 => PanicStrategy::Unwind,
            _ => PanicStrategy::Abort,
        },
        debug_assertions: build & DEBUG_ASSERTIONS != 0,
        allocator: if build & SYSTEM_ALLOCATOR != 0 { Allocator::System } else { Allocator::Own },
        logs: ForwardedLogs { log: build & FORWARDS_LOG != 0, tracing: build & FORWARDS_TRACING != 0 },
        abi_format: reader.u32(84)?,
    })
}
