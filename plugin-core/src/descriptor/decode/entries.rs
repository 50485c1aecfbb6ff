//! The records of a descriptor, decoded.

use core::ops::Range;

use super::{
    super::{
        format::{
            FUNCTION, IS_GROWING, IS_OPTIONAL, IS_SEND, IS_SYNC, IS_TRANSPARENT, PROVIDED, REQUIRED, RESTORE,
            SAVE, SHAPE_ARRAY, SHAPE_ENUM, SHAPE_FUNCTION, SHAPE_INTERFACE, SHAPE_OPAQUE, SHAPE_POINTER,
            SHAPE_RECURSIVE, SHAPE_STRUCT, STATIC, TYPES,
        },
        layout::{StateRole, SymbolKind},
    },
    error::DecodeError,
    reader::Reader,
};
use crate::{
    interface::Receiver,
    layout::{Fingerprint, PointerKind, pointer_code},
};

/// A type in a descriptor.
#[derive(Debug, Clone)]
pub struct TypeEntry<'a> {
    /// Digest of the whole type.
    pub fingerprint: Fingerprint,
    /// Name, without path and arguments.
    pub name: &'a str,
    /// Size in bytes.
    pub size: u64,
    /// Alignment in bytes.
    pub align: u32,
    /// What it is made of.
    pub shape: TypeShape,
    /// The crate that declares it; empty for types that are built in.
    pub origin: &'a str,
    /// Its lifetimes, and those of its fields, by number.
    pub lifetimes: &'a str,
    /// Whether it is passed to functions as its one field is.
    pub is_transparent: bool,
    /// Whether another build may have more of its fields or variants.
    pub is_growing: bool,
    /// Index of a pointer's target, an array's element, an enum's representation, a function's result,
    /// an interface; else 0.
    pub target: u32,
    pub(crate) arguments: Range<usize>,
    pub(crate) members: Range<usize>,
}

/// What a type is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeShape {
    /// The name and the arguments say it all.
    Opaque,
    /// Members are fields.
    Struct,
    /// Members are variants; the target is the representation.
    Enum,
    /// A pointer to the target.
    Pointer(PointerKind),
    /// An array of the target.
    Array {
        /// Number of elements.
        length: u64,
    },
    /// Members are parameters; the target is the result.
    Function {
        /// Whether calling it needs `unsafe`.
        is_unsafe: bool,
    },
    /// A recursive type, mentioned inside itself.
    Recursive,
    /// `dyn Trait`; the target is an interface, and the name its id.
    Interface,
}

impl TypeEntry<'_> {
    pub(super) const NONE: Self = Self {
        fingerprint: Fingerprint::from_le_bytes([0; 16]),
        name: "",
        size: 0,
        align: 1,
        shape: TypeShape::Opaque,
        origin: "",
        lifetimes: "",
        is_transparent: false,
        is_growing: false,
        target: 0,
        arguments: 0..0,
        members: 0..0,
    };
}

/// A generic argument of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentEntry {
    /// A type, by index.
    Type(u32),
    /// The value of a constant.
    Const(i128),
}

/// A field, a variant or a parameter.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Name.
    pub name: &'a str,
    /// Offset of a field in bytes; discriminant of a variant.
    pub value: u64,
    pub(crate) first: u32,
    pub(crate) count: u32,
    /// The version that added a field of a struct that grows; else empty.
    pub since: &'a str,
}

impl Member<'_> {
    /// Index of the type of a field or parameter.
    #[must_use]
    pub const fn layout(&self) -> u32 {
        self.first
    }

    pub(super) const fn fields(&self) -> Range<usize> {
        self.first as usize..(self.first as usize).saturating_add(self.count as usize)
    }
}

/// An interface in a descriptor.
#[derive(Debug, Clone)]
pub struct InterfaceEntry<'a> {
    /// Crate and trait.
    pub id: &'a str,
    pub(crate) arguments: Range<usize>,
    /// Semantic version.
    pub version: &'a str,
    /// Digest of everything but the version.
    pub fingerprint: Fingerprint,
    /// Whether the plugin provides it (else it is a supertrait, or mentioned in a signature).
    pub provided: bool,
    /// What the plugin requires of it, if it does.
    pub required: Option<Requirement<'a>>,
    /// Whether implementors are `Send`.
    pub is_send: bool,
    /// Whether implementors are `Sync`.
    pub is_sync: bool,
    pub(crate) supers: Range<usize>,
    pub(crate) methods: Range<usize>,
}

/// What a plugin requires of an interface that it has from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement<'a> {
    /// The versions that will do, as cargo writes them; empty for every one that is compatible with the entry's version.
    pub versions: &'a str,
    /// Whether the plugin starts without it as well.
    pub is_optional: bool,
}

impl InterfaceEntry<'_> {
    pub(super) const NONE: Self = Self {
        id: "",
        arguments: 0..0,
        version: "",
        fingerprint: Fingerprint::from_le_bytes([0; 16]),
        provided: false,
        required: None,
        is_send: false,
        is_sync: false,
        supers: 0..0,
        methods: 0..0,
    };
}

/// A method in a descriptor.
#[derive(Debug, Clone, Copy)]
pub struct MethodEntry<'a> {
    /// Name.
    pub name: &'a str,
    /// The version that added it, where older plugins get a default; else empty.
    pub since: &'a str,
    /// Which lifetimes are the same.
    pub lifetimes: &'a str,
    /// Digest of all but `since`.
    pub fingerprint: Fingerprint,
    /// Index of its signature.
    pub signature: u32,
    /// How it takes the object.
    pub receiver: Receiver,
}

/// An exported function or static in a descriptor.
#[derive(Debug, Clone, Copy)]
pub struct SymbolEntry<'a> {
    /// Name.
    pub name: &'a str,
    /// Which lifetimes are the same.
    pub lifetimes: &'a str,
    /// Digest of kind, lifetimes and type.
    pub fingerprint: Fingerprint,
    /// Index of its type or signature.
    pub layout: u32,
    /// Digest of its type or signature.
    pub type_fingerprint: Fingerprint,
    /// Function or static.
    pub kind: SymbolKind,
}

/// A `#[save]` or `#[restore]` in a descriptor.
#[derive(Debug, Clone, Copy)]
pub struct StateEntry {
    /// Which of the two.
    pub role: StateRole,
    /// The version of the state that it saves or restores.
    pub version: u32,
    /// Digest of the state's type.
    pub fingerprint: Fingerprint,
    /// Index of the state's type.
    pub layout: u32,
}

pub(super) fn type_entry<'a>(reader: Reader<'a>, at: usize) -> Result<TypeEntry<'a>, DecodeError> {
    let detail = reader.u8(at + 37)?;
    let shape = match reader.u8(at + 36)? {
        SHAPE_OPAQUE => TypeShape::Opaque,
        SHAPE_STRUCT => TypeShape::Struct,
        SHAPE_ENUM => TypeShape::Enum,
        SHAPE_POINTER => TypeShape::Pointer(pointer_kind(detail)?),
        SHAPE_ARRAY => TypeShape::Array { length: reader.u64(at + 64)? },
        SHAPE_FUNCTION => TypeShape::Function { is_unsafe: detail == 1 },
        SHAPE_RECURSIVE => TypeShape::Recursive,
        SHAPE_INTERFACE => TypeShape::Interface,
        other => {
            return Err(DecodeError::Value { what: "shape of a type", found: other.into() });
        }
    };
    Ok(TypeEntry {
        fingerprint: reader.fingerprint(at)?,
        name: reader.text(at + 16)?,
        size: reader.u64(at + 24)?,
        align: reader.u32(at + 32)?,
        shape,
        origin: reader.text(at + 72)?,
        lifetimes: reader.text(at + 80)?,
        is_transparent: shape == TypeShape::Struct && detail & IS_TRANSPARENT != 0,
        is_growing: matches!(shape, TypeShape::Struct | TypeShape::Enum) && detail & IS_GROWING != 0,
        target: reader.u32(at + 40)?,
        arguments: reader.range(at + 44)?,
        members: reader.range(at + 52)?,
    })
}

/// The digest of a type, by its number.
fn type_fingerprint(reader: Reader<'_>, layout: u32) -> Result<Fingerprint, DecodeError> {
    let missing = DecodeError::Reference {
        what: "type of a symbol",
        index: layout as usize,
        count: reader.count(TYPES)?,
    };
    reader.fingerprint(reader.place(TYPES, layout)?.ok_or(missing)?)
}

fn pointer_kind(code: u8) -> Result<PointerKind, DecodeError> {
    use PointerKind::{Const, Mut, Mutable, NonNull, Shared};
    [Shared, Mutable, Const, Mut, NonNull]
        .into_iter()
        .find(|kind| pointer_code(*kind) == u64::from(code))
        .ok_or(DecodeError::Value { what: "kind of a pointer", found: code.into() })
}

pub(super) fn member<'a>(reader: Reader<'a>, at: usize) -> Result<Member<'a>, DecodeError> {
    Ok(Member {
        name: reader.text(at)?,
        value: reader.u64(at + 8)?,
        first: reader.u32(at + 16)?,
        count: reader.u32(at + 20)?,
        since: reader.text(at + 24)?,
    })
}

pub(super) fn argument(reader: Reader<'_>, at: usize) -> Result<ArgumentEntry, DecodeError> {
    match reader.u32(at)? {
        0 => reader.u32(at + 4).map(ArgumentEntry::Type),
        1 => reader.i128(at + 8).map(ArgumentEntry::Const),
        other => Err(DecodeError::Value { what: "kind of an argument", found: other.into() }),
    }
}

pub(super) fn interface<'a>(reader: Reader<'a>, at: usize) -> Result<InterfaceEntry<'a>, DecodeError> {
    let flags = reader.u32(at + 32)?;
    let is_known = flags & !(PROVIDED | IS_SEND | IS_SYNC | REQUIRED | IS_OPTIONAL) == 0;
    if !is_known || flags & (REQUIRED | IS_OPTIONAL) == IS_OPTIONAL {
        return Err(DecodeError::Value { what: "flags of an interface", found: flags.into() });
    }
    let versions = reader.text(at + 60)?;
    let is_optional = flags & IS_OPTIONAL != 0;
    Ok(InterfaceEntry {
        id: reader.text(at)?,
        arguments: reader.range(at + 52)?,
        version: reader.text(at + 8)?,
        fingerprint: reader.fingerprint(at + 16)?,
        provided: flags & PROVIDED != 0,
        required: (flags & REQUIRED != 0).then_some(Requirement { versions, is_optional }),
        is_send: flags & IS_SEND != 0,
        is_sync: flags & IS_SYNC != 0,
        supers: reader.range(at + 36)?,
        methods: reader.range(at + 44)?,
    })
}

pub(super) fn method<'a>(reader: Reader<'a>, at: usize) -> Result<MethodEntry<'a>, DecodeError> {
    Ok(MethodEntry {
        name: reader.text(at)?,
        since: reader.text(at + 8)?,
        lifetimes: reader.text(at + 16)?,
        fingerprint: reader.fingerprint(at + 24)?,
        signature: reader.u32(at + 40)?,
        receiver: receiver(reader.u32(at + 44)?)?,
    })
}

fn receiver(code: u32) -> Result<Receiver, DecodeError> {
    [Receiver::Shared, Receiver::Mutable, Receiver::Owned]
        .into_iter()
        .find(|receiver| receiver.code() == code)
        .ok_or(DecodeError::Value { what: "receiver of a method", found: code.into() })
}

/// A record of the table of symbols.
pub(super) enum SymbolRecord<'a> {
    Exported(SymbolEntry<'a>),
    State(StateEntry),
}

pub(super) fn symbol<'a>(reader: Reader<'a>, at: usize) -> Result<SymbolRecord<'a>, DecodeError> {
    let fingerprint = reader.fingerprint(at + 16)?;
    let layout = reader.u32(at + 32)?;
    let exported = |kind| {
        let (name, lifetimes) = (reader.text(at)?, reader.text(at + 8)?);
        let type_fingerprint = type_fingerprint(reader, layout)?;
        Ok(SymbolRecord::Exported(SymbolEntry {
            name,
            lifetimes,
            fingerprint,
            layout,
            type_fingerprint,
            kind,
        }))
    };
    let state = |role| {
        let version = reader.u32(at + 40)?;
        Ok(SymbolRecord::State(StateEntry { role, version, fingerprint, layout }))
    };
    match reader.u32(at + 36)? {
        FUNCTION => exported(SymbolKind::Function),
        STATIC => exported(SymbolKind::Static),
        SAVE => state(StateRole::Save),
        RESTORE => state(StateRole::Restore),
        other => Err(DecodeError::Value { what: "kind of a symbol", found: other.into() }),
    }
}
