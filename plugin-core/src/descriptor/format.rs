//! The numbers of the format; [the module above](super) is their documentation.

/// Version of the format: a decoder reads no other.
pub const FORMAT_VERSION: u32 = 1;

/// The longest descriptor that a decoder reads, in bytes.
pub const MAX_LENGTH: usize = 1 << 20;

/// Most types, members, arguments, interfaces, supertraits, methods or symbols in a descriptor.
pub(super) const MAX_RECORDS: usize = 1 << 14;

pub(super) const HEADER: usize = 144;
/// Where the checksummed part begins.
pub(super) const CHECKSUMMED: usize = 16;
pub(super) const TABLES: usize = 88;

/// A table: its place in the header's list, and the width of its records.
#[derive(Clone, Copy)]
pub(super) struct Table {
    pub(super) index: usize,
    pub(super) width: usize,
}

pub(super) const TYPES: Table = Table { index: 0, width: 88 };
pub(super) const MEMBERS: Table = Table { index: 1, width: 32 };
pub(super) const ARGUMENTS: Table = Table { index: 2, width: 24 };
pub(super) const INTERFACES: Table = Table { index: 3, width: 68 };
pub(super) const SUPERS: Table = Table { index: 4, width: 4 };
pub(super) const METHODS: Table = Table { index: 5, width: 48 };
pub(super) const SYMBOLS: Table = Table { index: 6, width: 44 };
pub(super) const ALL_TABLES: [Table; 7] = [TYPES, MEMBERS, ARGUMENTS, INTERFACES, SUPERS, METHODS, SYMBOLS];

pub(super) const SHAPE_OPAQUE: u8 = 0;
pub(super) const SHAPE_STRUCT: u8 = 1;
pub(super) const SHAPE_ENUM: u8 = 2;
pub(super) const SHAPE_POINTER: u8 = 3;
pub(super) const SHAPE_ARRAY: u8 = 4;
pub(super) const SHAPE_FUNCTION: u8 = 5;
pub(super) const SHAPE_RECURSIVE: u8 = 6;
pub(super) const SHAPE_INTERFACE: u8 = 7;

pub(super) const DEBUG_ASSERTIONS: u8 = 1;
pub(super) const FORWARDS_LOG: u8 = 2;
pub(super) const FORWARDS_TRACING: u8 = 4;
pub(super) const SYSTEM_ALLOCATOR: u8 = 8;

/// Bits of a type's detail.
pub(super) const IS_TRANSPARENT: u8 = 1;
pub(super) const IS_GROWING: u8 = 2;

pub(super) const PROVIDED: u32 = 1;
pub(super) const IS_SEND: u32 = 2;
pub(super) const IS_SYNC: u32 = 4;
pub(super) const REQUIRED: u32 = 8;
pub(super) const IS_OPTIONAL: u32 = 16;

pub(super) const FUNCTION: u32 = 1;
pub(super) const STATIC: u32 = 2;
pub(super) const SAVE: u32 = 3;
pub(super) const RESTORE: u32 = 4;
