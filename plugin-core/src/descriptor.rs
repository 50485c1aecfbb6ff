//! The descriptor: what a plugin is, as bytes that can be read without running or mapping it.
//!
//! It is little-endian, free of pointers (relocations are not applied in a file), and at most [`MAX_LENGTH`] bytes
//! long. Texts are UTF-8 and named by a *text reference*: offset from the start of the descriptor, then length in
//! bytes, both `u32`. The tables hold records of fixed width; a *range* in them is the index of the first record, then
//! their number, both `u32`; a type is named by its index in the table of types.
//!
//! ```text
//! header
//!   0..4    format version (u32), checked first: 1
//!   4..8    length of the whole descriptor (u32)
//!   8..16   checksum: XXH3-64 of bytes 16..length (u64)
//!  16..24   plugin name (text)
//!  24..32   plugin version (text)
//!  32..40   name of the exported symbol of the root module (text)
//!  40..48   rustc release (text)
//!  48..56   rustc commit (text)
//!  56..64   target triple (text)
//!  64..72   target features (text)
//!  72..80   optimisation level (text)
//!  80       pointer width in bits
//!  81       byte order: 0 little, 1 big
//!  82       panic strategy: 0 unwind, 1 abort
//!  83       build: 1 debug assertions, 2 `log` reaches the host, 4 `tracing` reaches the host,
//!           8 the allocator is the system's
//!  84..88   ABI format of plugin-core (u32)
//!  88..144  the seven tables, in this order: offset (u32), number of records (u32)
//!
//! type (88 bytes)                                member: field, variant or parameter (32 bytes)
//!   0..16   fingerprint                            0..8    name (text)
//!  16..24   name (text)                            8..16   field: offset; variant: discriminant; else 0
//!  24..32   size (u64)                            16..20   field, parameter: type; variant: first field
//!  32..36   alignment (u32)                       20..24   variant: number of fields; else 0
//!  36       shape: 0 opaque, 1 struct, 2 enum,        24..32   field of a struct that grows: the version
//!           3 pointer, 4 array, 5 function,               that added it; else empty (text)
//!           6 recursive, 7 interface
//!  37       pointer: kind (1 &, 2 &mut,          argument of a type (24 bytes)
//!           3 *const, 4 *mut, 5 NonNull);          0..4    0 type, 1 constant
//!           function: 1 if unsafe; struct: 1 if    4..8    type
//!           transparent; struct, enum: 2 if it     8..24   value of the constant (i128)
//!           grows; else 0
//!  38..40   zero                                 interface (68 bytes)
//!  40..44   pointer: target; array: element;       0..8    id (text)
//!           enum: representation;                  8..16   version (text)
//!           function: result (type)               16..32   fingerprint
//!  44..52   arguments (range)                     32..36   1 provided, 2 Send, 4 Sync (u32)
//!  52..60   members: fields, variants or                   8 required, 16 required if there is one
//!           parameters (range)                    36..44   supertraits (range)
//!  60..64   zero                                  44..52   methods (range)
//!  64..72   array: number of elements (u64)       52..60   generic arguments (range)
//!  72..80   declaring crate (text)                60..68   required: versions that will do (text)
//!  80..88   lifetimes (text)
//!                                                supertrait (4 bytes): index of an interface
//! method (48 bytes)
//!   0..8    name (text)                          symbol (44 bytes)
//!   8..16   since (text)                           0..8    name (text)
//!  16..24   lifetimes (text)                       8..16   lifetimes (text)
//!  24..40   fingerprint                           16..32   fingerprint
//!  40..44   signature (type)                      32..36   type
//!  44..48   0 &self, 1 &mut self, 2 self          36..40   1 function, 2 static, 3 save, 4 restore
//!                                                40..44   save, restore: version of the state; else 0
//! ```
//!
//! Symbols that save and restore a state come last; they have a type, a fingerprint (the type's) and no name.
//!
//! Interfaces that are provided come first, then those that are required, then the others; one may be both. The versions
//! of a required interface are a requirement as cargo writes it; an empty one takes every version that is compatible with
//! the interface's own.
//!
//! The texts follow the last table. No two ranges share a record. A type that grows crosses as a handle, whose size and
//! alignment it states; its offsets are those in the block behind the handle, whose first word is not described.
//!
//! Each of these shapes is this project's own; the digests are XXH3 as its authors specify it.

mod decode;
mod encode;
mod format;
mod layout;
mod note;
mod plan;

pub use decode::{
    ArgumentEntry, DecodeError, Descriptor, Head, InterfaceEntry, Member, MethodEntry, Requirement,
    StateEntry, SymbolEntry, TypeEntry, TypeShape,
};
pub use encode::{encode, encode_expected, encode_now, encoded_length};
pub use format::{FORMAT_VERSION, MAX_LENGTH};
pub use layout::{PluginLayout, RequirementLayout, StateLayout, StateRole, SymbolKind, SymbolLayout};
pub use note::{MACHO_SECTION, MACHO_SEGMENT, NOTE_OWNER, NOTE_TYPE, Note, PE_SECTION};
pub use plan::Plan;
pub(crate) use plan::reach;

/// Digest of a whole descriptor: equal for plugins with equal names, versions, toolchains, interfaces and exports.
#[must_use]
pub fn fingerprint(descriptor: &[u8]) -> crate::Fingerprint {
    crate::Fingerprint::of_bytes(descriptor)
}
