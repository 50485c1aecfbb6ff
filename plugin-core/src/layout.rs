//! Layouts of types as constants: what a type is, byte by byte, in a form that a `const fn` can walk.

mod fingerprint;
mod primitives;
mod vocabulary;

pub use fingerprint::Fingerprint;
pub(crate) use fingerprint::pointer_code;

use crate::interface::InterfaceRef;

/// A type whose layout is fixed by its declaration and can be described to another build.
///
/// Derive it: `#[derive(StableLayout)]` on a `#[repr(C)]` or `#[repr(transparent)]` struct, or on an enum with a
/// primitive representation such as `#[repr(u8)]`.
///
/// ```
/// use plugin_core::StableLayout;
///
/// #[derive(StableLayout)]
/// #[repr(C)]
/// struct Header {
///     size: u32,
///     flags: u16,
/// }
/// assert_eq!(Header::TYPE_LAYOUT.size, 8);
/// ```
///
/// A type is known to other builds by its name, its crate and its contents. Its module does not count, so that it can be
/// moved: two types of one crate that have name, fields and offsets in common are one type to another build, so give types
/// whose invariants differ names of their own.
///
/// # Safety
///
/// [`TYPE_LAYOUT`](Self::TYPE_LAYOUT) describes `Self` exactly, and two types with equal descriptions may be used in
/// each other's place, in whatever builds they were compiled.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no stable layout, so it cannot be shared with another build",
    label = "no stable layout",
    note = "derive it with `#[derive(plugin_core::StableLayout)]` and `#[repr(C)]` (structs) or `#[repr(u8)]` (enums)",
    note = "for types of the standard library use their counterparts in `plugin_core::abi`: `RString`, `RVec`, `ROption`, …"
)]
pub unsafe trait StableLayout {
    /// The description of `Self`.
    const TYPE_LAYOUT: &'static TypeLayout;
}

/// Description of one type.
#[derive(Debug)]
pub struct TypeLayout {
    /// Name without path: moving a type to another module changes nothing.
    pub name: &'static str,
    /// Generic arguments, without lifetimes.
    pub arguments: &'static [Argument],
    /// Size in bytes.
    pub size: usize,
    /// Alignment in bytes.
    pub align: usize,
    /// What the type is made of.
    pub shape: Shape,
    /// Where and how it was declared.
    pub declaration: Declaration,
    /// 128-bit digest of all of the above, but for names of arguments and the versions that added fields; of an interface
    /// that is mentioned, only of its id.
    pub fingerprint: Fingerprint,
    /// The interfaces that are mentioned somewhere in it: where there are any, equal digests do not say it all.
    pub(crate) mentions: Mentions,
}

/// What a declaration says about a type beyond its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declaration {
    /// The crate that declares the type, and so keeps its invariants; empty for types that are built in.
    pub origin: &'static str,
    /// The declared lifetimes, and those of each field, by their numbers: `<'0> '0; 'static`.
    pub lifetimes: &'static str,
    /// `#[repr(transparent)]`: passed to functions as its one field is.
    pub is_transparent: bool,
    /// For a type that grows, the versions that added its last fields, one for each of them (none for an enum); `None` for
    /// any other. Size and alignment are those of the handle that crosses, offsets those in the block behind it.
    pub growth: Option<&'static [&'static str]>,
}

/// A generic argument of a type.
#[derive(Debug, Clone, Copy)]
pub enum Argument {
    /// A type argument.
    Type(&'static TypeLayout),
    /// The value of a const argument.
    Const(i128),
}

/// What a type is made of.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// The name says it all: `u32`, `bool`, or a type of `plugin_core::abi` with its arguments.
    Opaque,
    /// A struct, tuple struct or unit struct.
    Struct(&'static [Field]),
    /// An enum with a primitive representation.
    Enum {
        /// The representation, such as `u8`.
        repr: &'static TypeLayout,
        /// Its variants, in order of declaration.
        variants: &'static [Variant],
    },
    /// A thin pointer.
    Pointer(PointerKind, &'static TypeLayout),
    /// An array.
    Array {
        /// Type of the elements.
        element: &'static TypeLayout,
        /// Number of elements.
        length: usize,
    },
    /// A function pointer, or the signature of a method or an exported function.
    Function(Function),
    /// A recursive type, mentioned inside itself: where the description stops. The type around it that is meant is found
    /// by its name and by these names of its fields or variants.
    Recursive(&'static [&'static str]),
    /// `dyn Trait` for an interface, under its id: what an object is known by.
    Interface(InterfaceRef),
}

/// Kind of a thin pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointerKind {
    /// `&T`
    Shared,
    /// `&mut T`
    Mutable,
    /// `*const T`
    Const,
    /// `*mut T`
    Mut,
    /// `NonNull<T>`
    NonNull,
}

/// A field of a struct or of a variant, or a parameter of a function (which has no offset).
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Name, or index in a tuple.
    pub name: &'static str,
    /// Offset from the start of the whole type, in bytes.
    pub offset: usize,
    /// Its type.
    pub layout: &'static TypeLayout,
}

/// A variant of an enum.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// Name.
    pub name: &'static str,
    /// Discriminant, as the bits of a 64-bit integer (signed representations are sign-extended).
    pub discriminant: u64,
    /// Its fields.
    pub fields: &'static [Field],
}

/// A function's signature.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Whether calling it needs `unsafe`.
    pub is_unsafe: bool,
    /// Its parameters; their names do not count.
    pub parameters: &'static [Field],
    /// What it returns.
    pub result: &'static TypeLayout,
}

impl Declaration {
    /// The version that added a field, by its place among so many; empty for one that was there from the first, and for
    /// the fields of types that do not grow.
    #[must_use]
    pub(crate) const fn since(&self, place: usize, count: usize) -> &'static str {
        let Some(mut since) = self.growth else {
            return "";
        };
        let Some(mut skip) = (place + since.len()).checked_sub(count) else {
            return "";
        };
        while let [version, others @ ..] = since {
            if skip == 0 {
                return version;
            }
            skip -= 1;
            since = others;
        }
        ""
    }
}

impl TypeLayout {
    /// Describes a type that is built in.
    #[must_use]
    pub const fn new(
        name: &'static str,
        arguments: &'static [Argument],
        size: usize,
        align: usize,
        shape: Shape,
    ) -> Self {
        let built_in = Declaration { origin: "", lifetimes: "", is_transparent: false, growth: None };
        Self::declared(built_in, name, arguments, size, align, shape)
    }

    /// Describes a type; its fingerprint is computed here, once per type.
    #[must_use]
    pub const fn declared(
        declaration: Declaration,
        name: &'static str,
        arguments: &'static [Argument],
        size: usize,
        align: usize,
        shape: Shape,
    ) -> Self {
        let fingerprint = fingerprint::of_type(&declaration, name, arguments, size, align, &shape);
        let mentions = Mentions::of(arguments, name, &shape);
        Self { name, arguments, size, align, shape, declaration, fingerprint, mentions }
    }

    /// Describes `T` as a leaf that its name and arguments identify.
    #[must_use]
    pub const fn opaque<T>(name: &'static str, arguments: &'static [Argument]) -> Self {
        Self::new(name, arguments, size_of::<T>(), align_of::<T>(), Shape::Opaque)
    }

    /// Describes an interface where it is mentioned.
    #[must_use]
    pub const fn interface(
        id: &'static str,
        arguments: &'static [Argument],
        interface: InterfaceRef,
    ) -> Self {
        Self::new(id, arguments, 0, 1, Shape::Interface(interface))
    }

    /// Whether an interface is mentioned somewhere in it. Then equal fingerprints do not say it all, since that of an
    /// interface that is mentioned is only of its id.
    #[must_use]
    pub const fn mentions_interfaces(&self) -> bool {
        self.mentions.are_some()
    }

    /// The fingerprint, as all there is to know of the type.
    ///
    /// # Panics
    ///
    /// At compile time, if the type mentions an interface: then its fingerprint leaves open what methods that has.
    pub(crate) const fn whole_fingerprint(&self) -> Fingerprint {
        assert!(
            !self.mentions.are_some(),
            "an object of an interface cannot be told by its type: pass it as `Box<dyn Trait>`"
        );
        self.fingerprint
    }

    /// Describes a signature.
    #[must_use]
    pub const fn signature(
        is_unsafe: bool,
        parameters: &'static [Field],
        result: &'static TypeLayout,
    ) -> Self {
        let pointer = size_of::<usize>();
        let function = Function { is_unsafe, parameters, result };
        Self::new("fn", &[], pointer, pointer, Shape::Function(function))
    }
}

/// Which interfaces the parts of a type mention, in which versions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mentions(Option<Fingerprint>);

impl Mentions {
    pub(crate) const NONE: Self = Self(None);

    pub(crate) const fn are_some(self) -> bool {
        self.0.is_some()
    }

    pub(crate) const fn equal(self, other: Self) -> bool {
        match (self.0, other.0) {
            (None, None) => true,
            (Some(one), Some(other)) => one.equals(other),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    /// These and those of a part.
    pub(crate) const fn and(self, part: Self) -> Self {
        match (self.0, part.0) {
            (None, _) => part,
            (_, None) => self,
            (Some(one), Some(other)) => Self(Some(one.child(other, 0, 0))),
        }
    }

    const fn of(arguments: &[Argument], name: &str, shape: &Shape) -> Self {
        let mut mentions = Self::NONE;
        let mut rest = arguments;
        while let [first, others @ ..] = rest {
            if let Argument::Type(layout) = first {
                mentions = mentions.and(layout.mentions);
            }
            rest = others;
        }
        match shape {
            Shape::Opaque | Shape::Recursive(_) => mentions,
            Shape::Interface(interface) => {
                let version = Fingerprint::start("mention").text(name, 0, 0).text(interface.version(), 0, 0);
                mentions.and(Self(Some(version)))
            }
            Shape::Struct(members) => mentions.and_fields(members),
            Shape::Enum { repr: _, variants } => {
                let mut rest = *variants;
                while let [first, others @ ..] = rest {
                    mentions = mentions.and_fields(first.fields);
                    rest = others;
                }
                mentions
            }
            Shape::Pointer(_, target) => mentions.and(target.mentions),
            Shape::Array { element, length: _ } => mentions.and(element.mentions),
            Shape::Function(Function { is_unsafe: _, parameters, result }) => {
                mentions.and(result.mentions).and_fields(parameters)
            }
        }
    }

    const fn and_fields(mut self, fields: &[Field]) -> Self {
        let mut rest = fields;
        while let [first, others @ ..] = rest {
            self = self.and(first.layout.mentions);
            rest = others;
        }
        self
    }
}
