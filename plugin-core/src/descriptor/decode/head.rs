//! What is read of every descriptor at once: all but the methods, and the types in their signatures.

use core::ops::Range;

use xxhash_rust::const_xxh3::xxh3_64;

use super::{
    super::format::{
        CHECKSUMMED, DEBUG_ASSERTIONS, FORMAT_VERSION, FORWARDS_LOG, FORWARDS_TRACING, HEADER, INTERFACES,
        MAX_LENGTH, METHODS, SUPERS, SYMBOLS, SYSTEM_ALLOCATOR, TYPES,
    },
    claims::{Claims, index},
    entries::{self, InterfaceEntry, Requirement, StateEntry, SymbolEntry, SymbolRecord},
    error::DecodeError,
    reader::Reader,
};
use crate::allocation::Allocator;
use crate::layout::Fingerprint;
use crate::toolchain::{Endianness, ForwardedLogs, PanicStrategy, Toolchain};

/// The head of a descriptor: what suffices to refuse a plugin by its build, and to take one whose interfaces are, by their
/// digests, the ones that are known. [`Descriptor::of`](super::Descriptor::of) reads the rest.
///
/// Checked here: version, length and checksum of the whole; where each table lies; every text; the build, the interfaces and
/// the exported symbols. Methods and types are checked where they are read.
///
/// ```
/// use plugin_core::descriptor::{Descriptor, Head, encode_expected};
///
/// let bytes = encode_expected(&[], &[]);
/// let head = Head::decode(&bytes)?;
/// assert_eq!(head.provides().len(), 0);
/// let whole = Descriptor::of(head)?;
/// assert_eq!(whole.interfaces().len(), 0);
/// # Ok::<(), plugin_core::descriptor::DecodeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Head<'a> {
    /// Name of the plugin.
    pub name: &'a str,
    /// Version of the plugin.
    pub version: &'a str,
    /// Name of the exported symbol of the root module.
    pub root_symbol: &'a str,
    /// The build.
    pub toolchain: Toolchain<'a>,
    pub(super) reader: Reader<'a>,
    pub(super) interfaces: Vec<InterfaceEntry<'a>>,
    supers: Vec<u32>,
    symbols: Vec<SymbolEntry<'a>>,
    state: Vec<StateEntry>,
}

impl<'a> Head<'a> {
    /// Decodes the head of a descriptor.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it. Time and memory are bounded by the length of the bytes, which is at most
    /// [`MAX_LENGTH`].
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        Self::decode_by(xxh3_64, bytes)
    }

    /// [`decode`](Self::decode) with another implementation of XXH3-64: the one here also runs in the compiler, and takes ten
    /// times as long as those that need not.
    ///
    /// # Errors
    ///
    /// As for [`decode`](Self::decode).
    pub fn decode_by(checksum: impl FnOnce(&[u8]) -> u64, bytes: &'a [u8]) -> Result<Self, DecodeError> {
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
        let (expected, found) = (reader.u64(8)?, checksum(reader.bytes_from(CHECKSUMMED)));
        if expected != found {
            return Err(DecodeError::Checksum { expected, found });
        }
        Self::read(reader.with_texts()?)
    }

    /// The head of the same descriptor in another place, such as where it was mapped; `None` if the bytes there differ.
    #[must_use]
    pub fn at<'b>(&self, bytes: &'b [u8]) -> Option<Head<'b>> {
        // Bytes that are equal have the same checksum.
        let is_same = bytes == self.bytes();
        is_same.then(|| Head::read(Reader::of_header(bytes).with_texts().ok()?).ok()).flatten()
    }

    fn read(reader: Reader<'a>) -> Result<Self, DecodeError> {
        let (symbols, state) = symbols(reader)?;
        let head = Self {
            name: reader.text(16)?,
            version: reader.text(24)?,
            root_symbol: reader.text(32)?,
            toolchain: toolchain(reader)?,
            reader,
            interfaces: reader.table(INTERFACES, entries::interface)?,
            supers: reader.table(SUPERS, |reader, at| reader.u32(at))?,
            symbols,
            state,
        };
        let mut supers = Claims::new("supertraits", head.supers.len());
        for interface in &head.interfaces {
            supers.claim(&interface.supers)?;
        }
        for interface in &head.supers {
            index("supertrait", *interface, head.interfaces.len())?;
        }
        Ok(head)
    }

    /// The bytes that it was read from.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.reader.bytes()
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

    /// The supertraits of an interface that are interfaces.
    pub fn supers(
        &self,
        interface: &InterfaceEntry<'a>,
    ) -> impl ExactSizeIterator<Item = &InterfaceEntry<'a>> {
        let supers = self.supers.get(interface.supers.clone()).unwrap_or_default();
        // Checked when decoded: each index is within the table, so the fallback is never taken.
        supers.iter().map(|index| self.interfaces.get(*index as usize).unwrap_or(&InterfaceEntry::NONE))
    }

    /// The digests of an interface's methods, in the order of its table; none where the table of methods is not that long.
    pub(crate) fn method_fingerprints(&self, of: &InterfaceEntry<'_>) -> impl Iterator<Item = Fingerprint> {
        let Range { start, end } = of.methods;
        let methods = self.reader.records(METHODS).unwrap_or_default();
        let count = end.saturating_sub(start);
        let digest = |record: &[u8]| record.get(24..)?.first_chunk().copied().map(Fingerprint::from_le_bytes);
        methods.chunks_exact(METHODS.width).skip(start).take(count).filter_map(digest)
    }

    /// All interfaces: those that are provided come first, then those that are required, then supertraits and those that signatures mention.
    #[must_use]
    pub fn interfaces(&self) -> &[InterfaceEntry<'a>] {
        &self.interfaces
    }
}

/// The exported symbols, and behind them what saves and restores the state: their addresses are in the same order.
fn symbols<'a>(reader: Reader<'a>) -> Result<(Vec<SymbolEntry<'a>>, Vec<StateEntry>), DecodeError> {
    let types = reader.count(TYPES)?;
    let (mut symbols, mut state) = (Vec::with_capacity(reader.count(SYMBOLS)?), Vec::new());
    for at in reader.places(SYMBOLS)? {
        match entries::symbol(reader, at)? {
            SymbolRecord::State(entry) => {
                index("type of a state", entry.layout, types)?;
                state.push(entry);
            }
            SymbolRecord::Exported(entry) if state.is_empty() => symbols.push(entry),
            SymbolRecord::Exported(_) => {
                let found = state.len() as u64;
                return Err(DecodeError::Value { what: "number of states before a symbol", found });
            }
        }
    }
    Ok((symbols, state))
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
