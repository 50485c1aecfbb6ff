//! The syntax of plugin-core: `#[plugin_interface]`, `#[export_plugin]`, `derive(StableLayout)`,
//! `derive(Crossing)`.
//!
//! Writing a plugin? Depend on `plugin-core`, which re-exports these macros and documents what they make. Each macro
//! goes through the same stages: parse and check, with every mistake noted at its token; then expand.

mod attributes;
mod derive;
mod errors;
mod export;
mod generics;
mod interface;
mod layout;
mod link;
mod mirror;
mod signature;
mod spans;
mod symbol;
mod versions;

use proc_macro::TokenStream;

/// Makes a trait an interface of plugins.
///
/// The trait stays an ordinary Rust trait: anyone can implement and mock it. The macro adds a description of the trait,
/// tables of functions for every implementor, and an implementation of the trait for objects of another library.
///
/// ```
/// use plugin_core::{PluginPanic, StableLayout, plugin_interface};
///
/// #[derive(Debug, StableLayout)]
/// #[repr(u8)]
/// pub enum CodecError {
///     Corrupt { offset: u64 },
///     Panicked,
/// }
///
/// // A panic in the plugin becomes this error; without the `impl` it goes on in the caller.
/// impl From<PluginPanic> for CodecError {
///     fn from(_: PluginPanic) -> Self {
///         Self::Panicked
///     }
/// }
///
/// /// Compresses and decompresses whole buffers.
/// #[plugin_interface]
/// pub trait Codec: Send + Sync {
///     fn compress(&self, input: &[u8]) -> Result<Vec<u8>, CodecError>;
///     /// A plugin built against an interface without this method gets the default.
///     #[since("1.1.0")]
///     fn level(&self) -> u8 {
///         0
///     }
/// }
/// ```
///
/// # Identity and version
///
/// The interface is known across builds as `crate::Trait`, whatever module it is in, with the version of its crate.
/// `#[plugin_interface(id = "codec_api::Codec", version = "1.2.0")]` sets either by hand.
///
/// # What may stand in a method
///
/// `&self`, `&mut self`, `self` or `self: Box<Self>`, and then, nested as one likes (`docs/guide/types.md` has them all, with
/// what each costs):
///
/// - numbers, `bool`, `char`, `Ordering`, `Duration`, `SystemTime`, addresses of `std::net`, ranges and `Bound`;
/// - `&str`, `String`, `&Path`, `PathBuf`, `&OsStr`, `OsString`, `&CStr`, `CString`;
/// - `&[T]`, `&mut [T]`, `Vec<T>`, `VecDeque<T>`, arrays, `HashMap`, `HashSet`, `BTreeMap`, `BTreeSet`; as arguments
///   `&mut Vec<T>` and `&mut String`;
/// - `Option`, `Result`, tuples of up to four, `Cow<str>`, `Cow<[T]>`, and `Box` and `Arc` of `str` and `[T]`;
/// - `io::Error` and `Box<dyn Error>`, also `+ Send` and `+ Send + Sync`;
/// - `Box<dyn Iterator<Item = T> + '_>`, also `+ Send` and `+ Send + Sync`; as an argument `&mut dyn Iterator<Item = T>`;
/// - types with `#[derive(Crossing)]`, types with `#[derive(StableLayout)]` and references to them, and everything in
///   `plugin_core::abi`.
///
/// `&dyn I` and `&mut dyn I` of an interface lend an object for the call; `Box<dyn I>` and `Arc<dyn I>` move one, in
/// containers, too. `&dyn Fn(…)`, `&mut dyn FnMut(…)`, `Box<dyn Fn…(…)>` and `Arc<dyn Fn(…)>` are arguments; the latter two are
/// results as well. A type with a lifetime shows it: write `G<'_>`, not `G`. In
/// the signature of an `extern "C" fn(…)` every lifetime is `'static`. An `async fn` takes everything but what is lent for one
/// call (`&mut Vec<T>`, `&mut String`, `&dyn Trait`); its future is `Send` if the trait says `Send`; and on a `dyn Trait` it is
/// called as `name_boxed`. Supertraits are `Send`, `Sync`, `'static` and other
/// interfaces. A method `where Self: Sized` with a default is left out of the table; one under `#[cfg]` is in it where it is in
/// the build. A trait may be generic over types and constants: `dyn Store<String>` and `dyn Store<u64>` are two interfaces.
#[proc_macro_attribute]
pub fn plugin_interface(arguments: TokenStream, item: TokenStream) -> TokenStream {
    interface::expand(arguments.into(), item.into()).into()
}

/// Makes a crate (`crate-type = ["cdylib", "rlib"]`) a plugin: once per crate, on an `impl` or on a `mod`.
///
/// On an `impl` the plugin provides that one interface; the type is made by `Default`:
///
/// ```
/// use plugin_core::{export_plugin, plugin_interface};
///
/// #[plugin_interface]
/// pub trait Greeter: Send + Sync {
///     fn greet(&self, name: &str) -> String;
/// }
///
/// #[derive(Default)]
/// struct Polite;
///
/// #[export_plugin]
/// impl Greeter for Polite {
///     fn greet(&self, name: &str) -> String {
///         format!("Good day, {name}")
///     }
/// }
/// ```
///
/// On a `mod` it exports the module's public functions and statics, and provides as many interfaces as there are
/// constructors:
///
/// ```
/// use plugin_core::{export_plugin, plugin_interface};
///
/// #[plugin_interface]
/// pub trait Greeter: Send + Sync {
///     fn greet(&self, name: &str) -> String;
/// }
///
/// struct Polite(String);
///
/// impl Greeter for Polite {
///     fn greet(&self, name: &str) -> String {
///         format!("{}, {name}", self.0)
///     }
/// }
///
/// #[export_plugin]
/// pub mod plugin {
///     use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
///
///     use plugin_core::Context;
///
///     use super::{Greeter, Polite};
///
///     /// `plugin.lookup::<AtomicI64>("V")`
///     pub static V: AtomicI64 = AtomicI64::new(0);
///
///     /// `plugin.lookup_fn::<fn()>("f")`
///     pub fn f() {
///         println!("Hello, number {}", V.load(Relaxed));
///     }
///
///     /// `plugin.root::<dyn Greeter>()`; an error here fails the opening of the plugin.
///     #[provides]
///     pub fn greeter(context: &'static Context) -> Result<impl Greeter, String> {
///         match context.path().file_stem() {
///             Some(_) => Ok(Polite("Good day".into())),
///             None => Err("no name".into()),
///         }
///     }
///
///     /// Runs before any constructor.
///     #[init]
///     fn start() {}
///
///     /// Runs when the host shuts the plugin down.
///     #[shutdown]
///     fn stop() {}
///
///     /// What the next generation begins with, when the host reloads the plugin.
///     #[save]
///     fn save() -> i64 {
///         V.load(Relaxed)
///     }
///
///     /// Takes what an older generation saved; `#[restore(version = 2)]` takes what `#[save(version = 2)]` returned.
///     #[restore]
///     fn restore(state: i64) {
///         V.store(state, Relaxed);
///     }
/// }
/// # fn main() {}
/// ```
///
/// # Requirements
///
/// `#[export_plugin(requires(dyn Codec = "0.1", dyn Clock = ">=1.2, <1.5", optional dyn Metrics))]` names interfaces that the
/// plugin has from its host or from other plugins, and the versions that will do, as cargo writes them; without any, it is
/// every version that is compatible with the one that the plugin is built against. `Context::required` gives the objects.
/// A host that has none, or none that fits, refuses the plugin before anything of it runs; what is `optional` may be missing.
/// Whoever provides an interface is started before whoever requires it. `tokio` and `requires(…)` may stand side by side.
///
/// Name and version of the plugin are those of the package. A second `#[export_plugin]` in it fails to build:
/// `__marked_with_export_plugin` is defined multiple times.
#[proc_macro_attribute]
pub fn export_plugin(arguments: TokenStream, item: TokenStream) -> TokenStream {
    export::expand(arguments.into(), item.into()).into()
}

/// Describes the layout of a type, so that it can be shared with another build.
///
/// Fields are numbers, `bool`, `char`, pointers, arrays, types with this derive, and those of `plugin_core::abi`: `RString`
/// for `String`, `RVec<T>` for `Vec<T>`, `ROption<T>` for `Option<T>`.
///
/// For structs with `#[repr(C)]` or `#[repr(transparent)]` and enums with a primitive representation such as
/// `#[repr(u8)]`. A type that contains itself behind a pointer marks that field:
///
/// ```
/// use plugin_core::{StableLayout, abi::{RBox, ROption}};
///
/// #[derive(StableLayout)]
/// #[repr(C)]
/// struct Node {
///     value: u64,
///     #[layout(recursive)]
///     next: ROption<RBox<Node>>,
/// }
/// ```
///
/// Where two types mention each other, one is declared as generic over the other, which mentions itself as the argument:
///
/// ```
/// use plugin_core::{StableLayout, abi::RVec};
///
/// #[derive(StableLayout)]
/// #[repr(C)]
/// struct Folder {
///     #[layout(recursive)]
///     files: RVec<File<Folder>>,
/// }
///
/// #[derive(StableLayout)]
/// #[repr(C)]
/// struct File<F> {
///     length: u64,
///     folder: *const F,
/// }
/// ```
#[proc_macro_derive(StableLayout, attributes(layout))]
pub fn derive_stable_layout(item: TokenStream) -> TokenStream {
    layout::derive(item.into()).into()
}

/// Lets an ordinary type cross the boundary by value.
///
/// Any struct or enum whose fields cross: no `repr`, no types of `plugin_core::abi`. A value is converted field by field
/// when it crosses, so what it holds (a `String`, a `Vec`) is moved or copied as it would be by itself.
///
/// ```
/// use std::time::Duration;
///
/// use plugin_core::{Crossing, plugin_interface};
///
/// #[derive(Debug, Clone, Crossing)]
/// pub struct Request {
///     pub name: String,
///     pub tags: Vec<String>,
///     pub retry: Option<Duration>,
/// }
///
/// #[derive(Debug, Crossing)]
/// pub enum Event {
///     Started,
///     Progress { done: u64, total: u64 },
///     Failed(String),
/// }
///
/// #[plugin_interface]
/// pub trait Worker: Send + Sync {
///     fn work(&self, request: Request) -> Vec<Event>;
/// }
/// ```
///
/// Generic types cross where their arguments do; a type with a lifetime may hold references, such as `&'a str`. A type
/// may mention itself in a `Box`, a `Vec` or a map:
///
/// ```
/// # use plugin_core::Crossing;
/// #[derive(Crossing)]
/// pub enum Expression<'a> {
///     Number(f64),
///     Negative(Box<Expression<'a>>),
///     Call { function: &'a str, arguments: Vec<Self> },
/// }
/// ```
///
/// # Types that grow
///
/// `#[crossing(growing)]` marks a type that later versions add to, so that builds of either version still fit:
///
/// ```
/// # use plugin_core::Crossing;
/// #[derive(Debug, Crossing)]
/// #[crossing(growing)]
/// pub struct Request {
///     pub name: String,
///     /// A sender that is older gives no tags: they are `Default::default()` then.
///     #[since("1.1.0")]
///     pub tags: Vec<String>,
///     #[since("1.2.0", default = 3)]
///     pub attempts: u32,
/// }
///
/// #[derive(Debug, Crossing)]
/// #[crossing(growing)]
/// pub enum Event {
///     Started,
///     Failed(String),
///     /// A variant of a newer build arrives as this one, with its name; it may be a unit variant, too.
///     #[unknown]
///     Other(String),
/// }
/// ```
///
/// New fields come behind those that there are, each with the version that adds it; new variants come behind the others,
/// wherever the unknown one stands. What a receiver does not know is dropped by the sender's library. A value crosses in
/// a block on the heap (a variant without fields does without), so a type that is passed in large numbers and will not
/// change is better off without the mark. A type begins to grow with an incompatible version of its interface.
///
/// # Or `derive(StableLayout)`?
///
/// A type with [`StableLayout`](macro@StableLayout) crosses as it is: behind references and in slices, too, and without
/// any conversion. It needs a `repr` and fields from `plugin_core::abi`. A type with `Crossing` crosses by value alone. No
/// type has both.
///
/// What another build must have the same is the same for both: the type's name and crate, its fields' names, order and
/// types, its variants' names and order (not their numbers). A type that implements `Drop` cannot be taken apart, so it
/// does not cross.
#[proc_macro_derive(Crossing, attributes(crossing, since, unknown))]
pub fn derive_crossing(item: TokenStream) -> TokenStream {
    mirror::derive(item.into()).into()
}

/// Looks up an exported function by its whole signature, with references in it; documented where hosts use it, as
/// `plugin_host::symbol!`.
///
/// `symbol!(plugin, greet: fn(name: &str) -> String)` is a `Result` of an `impl Fn(&str) -> String` that is `Copy`, `Send`
/// and `Sync`, and stays callable until the process ends. A panic in the plugin goes on in the caller, or becomes an `Err`
/// where the error type is `From<PluginPanic>`. The error is `plugin_host::LookupError`.
///
/// ```ignore
/// let greet = plugin_host::symbol!(plugin, greet: fn(name: &str) -> String)?;
/// assert_eq!(greet("world"), "Hello, world");
/// ```
#[proc_macro]
pub fn symbol(input: TokenStream) -> TokenStream {
    symbol::expand(input.into()).into()
}

/// Links plugin crates into the program; documented where hosts use it, as `plugin_host::link!`.
///
/// `link!(greeter, codec_lz4)` names crates as this one depends on them, and is a `plugin_host::Linked`, for
/// `Host::linked` and `Host::linking`. A crate that no `#[export_plugin]` marks does not compile here:
/// `__marked_with_export_plugin` cannot be found in it.
///
/// ```ignore
/// let host = plugin_host::Host::linked(plugin_host::link!(greeter, codec_lz4));
/// let greeter = host.open("greeter")?;
/// ```
#[proc_macro]
pub fn link(input: TokenStream) -> TokenStream {
    link::expand(input.into()).into()
}
