//! 128-bit digests of descriptions: equal digests, equal types.
//!
//! A digest is a chain of XXH3-128 over 48-byte blocks: the digest so far, the digest of a text or of a child, and two
//! numbers. A child counts through its own digest, so each type is hashed once, however often it is mentioned. XXH3 is
//! not a cryptographic hash: fingerprints tell builds apart, they do not keep an attacker out (trust does).

use core::fmt;

use xxhash_rust::const_xxh3::xxh3_128;

use super::{Argument, Declaration, Field, Function, PointerKind, Shape};

/// A 128-bit digest of a type, a signature, an interface or a whole plugin.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// Starts a digest; `tag` keeps digests of different kinds of things apart.
    pub(crate) const fn start(tag: &str) -> Self {
        Self(xxh3_128(tag.as_bytes()))
    }

    /// The digest of bytes as they are.
    pub(crate) const fn of_bytes(bytes: &[u8]) -> Self {
        Self(xxh3_128(bytes))
    }

    /// The digest of this one followed by a text and two numbers.
    pub(crate) const fn text(self, text: &str, first: u64, second: u64) -> Self {
        self.block(xxh3_128(text.as_bytes()), first, second)
    }

    /// The digest of this one followed by a child and two numbers.
    pub(crate) const fn child(self, child: Self, first: u64, second: u64) -> Self {
        self.block(child.0, first, second)
    }

    /// The digest of this one followed by generic arguments.
    pub(crate) const fn arguments(mut self, arguments: &[Argument]) -> Self {
        let mut rest = arguments;
        while let [first, others @ ..] = rest {
            self = match first {
                Argument::Type(layout) => self.child(layout.fingerprint, 1, 0),
                Argument::Const(value) => self.text("", *value as u64, (*value >> 64) as u64),
            };
            rest = others;
        }
        self
    }

    const fn block(self, item: u128, first: u64, second: u64) -> Self {
        let mut block = [0; 48];
        let (digest, rest) = block.split_at_mut(16);
        digest.copy_from_slice(&self.0.to_le_bytes());
        let (middle, rest) = rest.split_at_mut(16);
        middle.copy_from_slice(&item.to_le_bytes());
        let (low, high) = rest.split_at_mut(8);
        low.copy_from_slice(&first.to_le_bytes());
        high.copy_from_slice(&second.to_le_bytes());
        Self(xxh3_128(&block))
    }

    /// The digest as a descriptor stores it: 16 bytes, least significant first.
    #[must_use]
    pub const fn to_le_bytes(self) -> [u8; 16] {
        self.0.to_le_bytes()
    }

    /// Reads what [`to_le_bytes`](Self::to_le_bytes) wrote.
    #[must_use]
    pub const fn from_le_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_le_bytes(bytes))
    }

    /// `==`, for use in constants.
    #[must_use]
    pub const fn equals(self, other: Self) -> bool {
        self.0 == other.0
    }

    /// The low bits, to place the digest in a hash table.
    pub(crate) const fn low_bits(self) -> usize {
        self.0 as usize
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

pub(super) const fn of_type(
    declaration: &Declaration,
    name: &str,
    arguments: &[Argument],
    size: usize,
    align: usize,
    shape: &Shape,
) -> Fingerprint {
    let mut digest = Fingerprint::start("type").text(name, size as u64, align as u64);
    let Declaration { origin, lifetimes, is_transparent, growth } = declaration;
    digest = digest.text(origin, *is_transparent as u64, 0).text(lifetimes, 0, 0);
    // Which version added a field matters to those alone who lack it.
    if growth.is_some() {
        digest = digest.text("grows", 0, 0);
    }
    digest = digest.arguments(arguments);
    match shape {
        Shape::Opaque => digest,
        // Its methods may mention the type that mentions it: they are compared on their own.
        Shape::Interface(_) => digest.text("interface", 0, 0),
        Shape::Struct(members) => fields(digest.text("struct", members.len() as u64, 0), members),
        Shape::Enum { repr, variants } => {
            let mut digest = digest.text("enum", variants.len() as u64, 0).child(repr.fingerprint, 0, 0);
            let mut rest = *variants;
            while let [variant, others @ ..] = rest {
                digest = digest.text(variant.name, variant.discriminant, variant.fields.len() as u64);
                digest = fields(digest, variant.fields);
                rest = others;
            }
            digest
        }
        Shape::Pointer(kind, to) => digest.child(to.fingerprint, pointer_code(*kind), 0),
        Shape::Array { element, length } => digest.child(element.fingerprint, *length as u64, 0),
        Shape::Function(Function { is_unsafe, parameters, result }) => {
            let mut digest =
                digest.text("fn", parameters.len() as u64, *is_unsafe as u64).child(result.fingerprint, 0, 0);
            let mut rest = *parameters;
            while let [parameter, others @ ..] = rest {
                digest = digest.child(parameter.layout.fingerprint, 0, 0);
                rest = others;
            }
            digest
        }
        Shape::Recursive(members) => {
            let mut digest = digest.text("recursive", members.len() as u64, 0);
            let mut rest = *members;
            while let [member, others @ ..] = rest {
                digest = digest.text(member, 0, 0);
                rest = others;
            }
            digest
        }
    }
}

const fn fields(mut digest: Fingerprint, fields: &[Field]) -> Fingerprint {
    let mut rest = fields;
    while let [field, others @ ..] = rest {
        digest = digest.text(field.name, field.offset as u64, 0).child(field.layout.fingerprint, 0, 0);
        rest = others;
    }
    digest
}

/// The number that stands for a kind of pointer in digests and descriptors.
pub(crate) const fn pointer_code(kind: PointerKind) -> u64 {
    match kind {
        PointerKind::Shared => 1,
        PointerKind::Mutable => 2,
        PointerKind::Const => 3,
        PointerKind::Mut => 4,
        PointerKind::NonNull => 5,
    }
}
