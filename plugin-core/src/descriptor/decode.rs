//! Reads a descriptor: total, bounded by its length, and without copying a text. In two stages: the [`Head`] is read of
//! every plugin; methods and types, which are most of the bytes, only where they are compared or shown.
#![forbid(unsafe_code)]

mod claims;
mod entries;
mod error;
mod head;
mod reader;

pub use entries::{
    ArgumentEntry, InterfaceEntry, Member, MethodEntry, Requirement, StateEntry, SymbolEntry, TypeEntry,
    TypeShape,
};
pub use error::DecodeError;
pub use head::Head;

use core::ops::Deref;

use claims::{Claims, index};

use super::format::{ARGUMENTS, MEMBERS, METHODS, TYPES};

/// A decoded descriptor: every reference in it was checked. It has all that its [`Head`] has.
///
/// ```
/// use plugin_core::descriptor::{DecodeError, Descriptor};
///
/// assert!(matches!(Descriptor::decode(b"\x09\0\0\0"), Err(DecodeError::FormatVersion { expected: 1, found: 9 })));
/// ```
#[derive(Debug, Clone)]
pub struct Descriptor<'a> {
    head: Head<'a>,
    pub(crate) types: Vec<TypeEntry<'a>>,
    members: Vec<Member<'a>>,
    arguments: Vec<ArgumentEntry>,
    methods: Vec<MethodEntry<'a>>,
}

impl<'a> Deref for Descriptor<'a> {
    type Target = Head<'a>;

    fn deref(&self) -> &Head<'a> {
        &self.head
    }
}

impl<'a> Descriptor<'a> {
    /// Decodes a descriptor.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the bytes. Time and memory are bounded by their length, which is at most
    /// [`MAX_LENGTH`](super::MAX_LENGTH).
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        Self::of(Head::decode(bytes)?)
    }

    /// Reads what its head leaves out: methods and types.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with them.
    pub fn of(head: Head<'a>) -> Result<Self, DecodeError> {
        let reader = head.reader;
        let decoded = Self {
            types: reader.table(TYPES, entries::type_entry)?,
            members: reader.table(MEMBERS, entries::member)?,
            arguments: reader.table(ARGUMENTS, entries::argument)?,
            methods: reader.table(METHODS, entries::method)?,
            head,
        };
        decoded.check_references()?;
        Ok(decoded)
    }

    /// The methods of an interface, in the order of its table.
    #[must_use]
    pub fn methods(&self, interface: &InterfaceEntry<'a>) -> &[MethodEntry<'a>] {
        self.methods.get(interface.methods.clone()).unwrap_or_default()
    }

    /// The type at an index of this descriptor.
    #[must_use]
    pub fn type_at(&self, index: u32) -> &TypeEntry<'a> {
        // Checked when decoded: each index is within the table, so the fallback is never taken.
        self.types.get(index as usize).unwrap_or(&TypeEntry::NONE)
    }

    /// The interface that a type [mentions](TypeShape::Interface).
    pub(crate) fn mentioned(&self, by: &TypeEntry<'a>) -> &InterfaceEntry<'a> {
        // As above.
        self.interfaces.get(by.target as usize).unwrap_or(&InterfaceEntry::NONE)
    }

    /// Whether any type mentions an interface.
    pub(crate) fn has_mentions(&self) -> bool {
        self.types.iter().any(|entry| entry.shape == TypeShape::Interface)
    }

    /// Whether any type may have more in another build.
    pub(crate) fn has_growing_types(&self) -> bool {
        self.types.iter().any(|entry| entry.is_growing)
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

    /// Everything in methods and types that names something else by index names something that is there.
    fn check_references(&self) -> Result<(), DecodeError> {
        let mut arguments = Claims::new("arguments", self.arguments.len());
        let mut members = Claims::new("members", self.members.len());
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
            methods.claim(&interface.methods)?;
        }
        for method in &self.methods {
            index("signature of a method", method.signature, types)?;
        }
        Ok(())
    }
}
