//! Looking up exported statics and functions by name, with their types checked.

use std::{
    error::Error,
    fmt,
    ptr::{self, null_mut},
    sync::{
        OnceLock,
        atomic::{AtomicPtr, Ordering::Relaxed},
    },
};

use plugin_core::{
    __private::{Address, Slot},
    ExportedFunction, Fingerprint, Signature, StableLayout,
    compat::{self, Mismatch, display_text, display_type},
    descriptor::{DecodeError, Head, SymbolEntry, SymbolKind, SymbolLayout},
};

use crate::{expected, plugin::Plugin, refusal::write_mismatches};

impl Plugin {
    /// An exported static.
    ///
    /// ```no_run
    /// use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let greeter = host.open("greeter")?;
    /// greeter.lookup::<AtomicI64>("V")?.store(7, Relaxed);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If there is no such name, if it is a function, or if its type is another one.
    pub fn lookup<T>(&self, name: &str) -> Result<&'static T, LookupError>
    where
        T: StableLayout + Sync + 'static,
    {
        let expected = const {
            &[SymbolLayout { name: "", kind: SymbolKind::Static, lifetimes: "", layout: T::TYPE_LAYOUT }]
        };
        let address = self.checked(name, expected, const { T::TYPE_LAYOUT.fingerprint }, Match::Type)?;
        // SAFETY: the address of a static of the plugin, which is never unmapped; the plugin declared it with this type,
        // whose description equals this build's; it is shared, and `T` is `Sync`.
        Ok(unsafe { &*address.get().cast::<T>() })
    }

    /// An exported function, by its type: `fn(A, …) -> R`.
    ///
    /// For a signature with references use [`symbol!`](crate::symbol).
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let greeter = host.open("greeter")?;
    /// greeter.lookup_fn::<fn()>("f")?.call();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If there is no such name, if it is a static, or if its signature is another one.
    pub fn lookup_fn<F: Signature>(&self, name: &str) -> Result<ExportedFunction<F>, LookupError> {
        let expected = const {
            &[SymbolLayout { name: "", kind: SymbolKind::Function, lifetimes: "", layout: F::SIGNATURE }]
        };
        // Lifetimes are not compared: every reference in `F` is `'static`, which serves for any lifetime.
        let address = self.checked(name, expected, const { F::SIGNATURE.fingerprint }, Match::Type)?;
        // SAFETY: the entry of an exported function whose description equals that of `F`.
        Ok(unsafe { ExportedFunction::new(Slot::new(address.get().cast())) })
    }

    fn checked(
        &self,
        name: &str,
        expected: &'static [SymbolLayout],
        fingerprint: Fingerprint,
        compared: Match,
    ) -> Result<Address, LookupError> {
        let Some((place, symbol, address)) = self.symbol(name) else {
            return Err(self.missing(name));
        };
        let found = match compared {
            Match::Type => symbol.type_fingerprint,
            Match::Symbol => symbol.fingerprint,
        };
        let kind_fits = expected.iter().all(|expected| expected.kind == symbol.kind);
        let is_equal = kind_fits && found == fingerprint;
        if is_equal && expected.iter().all(|expected| !expected.layout.mentions_interfaces()) {
            return Ok(address);
        }
        let fitting = &self.loaded().fitting;
        if !fitting.has(place, expected, &compared) {
            if !is_equal || !self.has_what_is_mentioned(expected) {
                self.compare(symbol, expected, &compared)?;
            }
            fitting.add((place, self.head().symbols().len()), expected, &compared);
        }
        Ok(address)
    }

    /// The plugin's description is there for ever, so the error holds no handle, which a miss would have to count.
    fn missing(&self, name: &str) -> LookupError {
        LookupError::Missing { name: name.to_owned(), plugin: &self.loaded().head }
    }

    /// Whether the plugin has what the types of some symbols mention, by the digests of all that is reached.
    fn has_what_is_mentioned(&self, expected: &'static [SymbolLayout]) -> bool {
        expected::symbols(expected).as_ref().is_ok_and(|host| compat::fits_by_digests(host, self.head()))
    }

    /// Whether a symbol is what was asked for without being equal, as types that grow and interfaces that are mentioned may
    /// be; else why not.
    #[cold]
    fn compare(
        &self,
        symbol: &SymbolEntry<'static>,
        expected: &'static [SymbolLayout],
        compared: &Match,
    ) -> Result<(), LookupError> {
        let name = symbol.name.to_owned();
        let plugin = match self.descriptor() {
            Ok(plugin) => plugin,
            Err(source) => return Err(LookupError::Unreadable { name, plugin: self.clone(), source }),
        };
        let found = display_type(plugin, symbol.layout).to_string();
        let host = expected::symbols(expected).as_ref();
        match host.ok().and_then(|host| Some((host, host.symbols().first()?))) {
            Some((_, wanted)) if wanted.kind != symbol.kind => {
                Err(LookupError::WrongKind { name, expected: wanted.kind, found: symbol.kind, ty: found })
            }
            Some((host, wanted)) => {
                let mismatches = match compared {
                    Match::Type => compat::types((host, wanted.layout), (plugin, symbol.layout), symbol.name),
                    Match::Symbol => compat::symbol((host, wanted), (plugin, symbol)),
                };
                if mismatches.is_empty() {
                    return Ok(());
                }
                let expected = display_type(host, wanted.layout).to_string();
                Err(LookupError::WrongType { name, expected, found, mismatches })
            }
            // What the host expects is its own constant, so it decodes; if it did not, nothing would be known to fit.
            None => Err(self.missing(&name)),
        }
    }
}

/// Which digest has to be equal.
enum Match {
    /// That of the type or signature.
    Type,
    /// That of the symbol: lifetimes included.
    Symbol,
}

/// Which expectations were found to fit without being equal: for each symbol the last one, by where it is. So types that grow
/// or mention interfaces are compared when they are looked up for the first time.
///
/// An expectation is a constant of the program, which no other one can be in the place of.
#[derive(Default)]
pub(crate) struct Fitting(OnceLock<Box<[[AtomicPtr<SymbolLayout>; 2]]>>);

impl Fitting {
    fn has(&self, symbol: usize, expected: &'static [SymbolLayout], compared: &Match) -> bool {
        let slot = self.0.get().and_then(|all| all.get(symbol)).map(|slots| compared.slot(slots));
        slot.is_some_and(|slot| ptr::eq(slot.load(Relaxed).cast_const(), expected.as_ptr()))
    }

    fn add(&self, (symbol, all): (usize, usize), expected: &'static [SymbolLayout], compared: &Match) {
        let empty = || (0..all).map(|_| [null_mut(), null_mut()].map(AtomicPtr::new)).collect();
        if let Some(slots) = self.0.get_or_init(empty).get(symbol) {
            compared.slot(slots).store(expected.as_ptr().cast_mut(), Relaxed);
        }
    }
}

impl Match {
    /// What fits by its type alone need not fit with its lifetimes.
    const fn slot<'s, S>(&self, [by_type, whole]: &'s [S; 2]) -> &'s S {
        match self {
            Self::Type => by_type,
            Self::Symbol => whole,
        }
    }
}

/// The entry of a function, for the expansion of [`symbol!`](crate::symbol).
#[doc(hidden)]
pub fn entry_of(
    plugin: &Plugin,
    name: &str,
    expected: &'static [SymbolLayout],
    fingerprint: Fingerprint,
) -> Result<Slot, LookupError> {
    plugin.checked(name, expected, fingerprint, Match::Symbol).map(|address| Slot::new(address.get().cast()))
}

/// Lookups of what an older plugin may lack.
pub trait Optional<T> {
    /// `None` where nothing of the name is exported. What is there under the name and is not what was asked for stays an
    /// error.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use plugin_host::Optional;
    ///
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let store = host.open("store")?;
    /// // Exported since 1.1.
    /// let scaled = match store.lookup_fn::<fn(u32) -> u32>("scale").optional()? {
    ///     Some(scale) => scale.call(2),
    ///     None => 2,
    /// };
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Every [`LookupError`] but [`Missing`](LookupError::Missing).
    fn optional(self) -> Result<Option<T>, LookupError>;
}

impl<T> Optional<T> for Result<T, LookupError> {
    fn optional(self) -> Result<Option<T>, LookupError> {
        match self {
            Ok(found) => Ok(Some(found)),
            Err(LookupError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Why a lookup found nothing of use.
#[derive(Clone)]
#[non_exhaustive]
pub enum LookupError {
    /// Nothing of this name is exported.
    Missing {
        /// The name.
        name: String,
        /// The plugin, as it describes itself.
        plugin: &'static Head<'static>,
    },
    /// A function was asked for and a static is there, or the other way round.
    WrongKind {
        /// The name.
        name: String,
        /// What was asked for.
        expected: SymbolKind,
        /// What is there.
        found: SymbolKind,
        /// Its type.
        ty: String,
    },
    /// The plugin's table of types, which would say whether it fits, cannot be read.
    Unreadable {
        /// The name.
        name: String,
        /// The plugin.
        plugin: Plugin,
        /// What is wrong with the table.
        source: DecodeError,
    },
    /// It has another type.
    WrongType {
        /// The name.
        name: String,
        /// The type that was asked for.
        expected: String,
        /// The type that is there.
        found: String,
        /// Where exactly they differ.
        mismatches: Vec<Mismatch>,
    },
}

impl LookupError {
    /// The exported name that is nearest to the one that is missing, if one is near. Computed here, so that a miss that
    /// nobody shows costs nothing.
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        let Self::Missing { name, plugin } = self else {
            return None;
        };
        let near = |candidate: &str| {
            strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase())
        };
        plugin
            .symbols()
            .iter()
            .map(|symbol| (near(symbol.name), symbol.name))
            .filter(|(similarity, _)| *similarity >= 0.5)
            .max_by(|left, right| left.0.total_cmp(&right.0))
            .map(|(_, name)| name)
    }
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { name, plugin } => {
                write!(f, "plugin {} {} exports no `{name}`", plugin.name, plugin.version)?;
                match self.suggestion() {
                    Some(nearest) => write!(f, "; did you mean `{}`? It exports", display_text(nearest))?,
                    None => write!(f, "; it exports")?,
                }
                let symbols = plugin.symbols();
                let names: Vec<_> =
                    symbols.iter().map(|symbol| display_text(symbol.name).to_string()).collect();
                match names.as_slice() {
                    [] => write!(f, " no functions or statics"),
                    names => write!(f, ": {}", names.join(", ")),
                }
            }
            Self::WrongKind { name, expected, found, ty } => {
                let name = display_text(name);
                write!(f, "`{name}` is a {}, expected a {}: `{ty}`", kind(*found), kind(*expected))?;
                match found {
                    SymbolKind::Function => write!(f, "; use `lookup_fn` or `symbol!`"),
                    SymbolKind::Static => write!(f, "; use `lookup`"),
                }
            }
            Self::Unreadable { name, plugin, source: _ } => write!(
                f,
                "`{}` of plugin {plugin} cannot be compared: its table of types cannot be read; build the plugin again",
                display_text(name)
            ),
            Self::WrongType { name, expected, found, mismatches } => {
                let name = display_text(name);
                write!(f, "`{name}` has another type: expected `{expected}`, found `{found}`")?;
                match mismatches.as_slice() {
                    // The type as a whole: that is said.
                    [only] if (&only.expected, &only.found) == (expected, found) => Ok(()),
                    mismatches => write_mismatches(f, mismatches),
                }
            }
        }
    }
}

fn kind(kind: SymbolKind) -> &'static str {
    match kind {
        SymbolKind::Function => "function",
        SymbolKind::Static => "static",
    }
}

impl Error for LookupError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable { name: _, plugin: _, source } => Some(source),
            Self::Missing { .. } | Self::WrongKind { .. } | Self::WrongType { .. } => None,
        }
    }
}
