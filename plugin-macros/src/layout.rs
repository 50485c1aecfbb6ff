//! `#[derive(StableLayout)]`.
//!
//! `parse` reads the item and its attributes, `check` holds the rules and makes the model, `expand` describes the model
//! (`payload` the insides of variants, `recursion` the places where a description stops).

pub(crate) mod check;
pub(crate) mod expand;
pub(crate) mod lifetimes;
pub(crate) mod parse;
pub(crate) mod payload;
pub(crate) mod recursion;

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Expr, Generics, LitStr, Member, Type};

use crate::{derive, errors::Errors};

/// A type that keeps the rules.
pub(crate) struct Model {
    /// The item that is described.
    pub(crate) name: Ident,
    /// What it is called.
    pub(crate) text: String,
    pub(crate) generics: Generics,
    /// How its type parameters cross.
    pub(crate) parameters: Parameters,
    /// `#[allow(…)]` on the type: what repeats its tokens is judged as they are.
    pub(crate) lint_levels: Vec<Attribute>,
    pub(crate) shape: Shape,
    /// Its lifetimes and those of its fields, by number.
    pub(crate) lifetimes: String,
    pub(crate) is_transparent: bool,
    /// For a type that grows, the versions that added its last fields.
    pub(crate) growth: Option<Vec<LitStr>>,
    /// The stand-in for mentions of the type in itself, if there are any.
    pub(crate) marker: Option<Ident>,
}

/// How the type parameters of a type cross.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameters {
    /// As they are.
    AsTheyAre,
    /// Converted: the item that is described holds their FFI-safe forms, and says in its bounds that they have one.
    Converted,
}

pub(crate) enum Shape {
    Struct(Vec<Field>),
    Enum { repr: Ident, variants: Vec<Variant> },
}

impl Shape {
    /// Every field, those of all variants in turn.
    pub(crate) fn fields(&self) -> Box<dyn Iterator<Item = &Field> + '_> {
        match self {
            Self::Struct(fields) => Box::new(fields.iter()),
            Self::Enum { repr: _, variants } => Box::new(variants.iter().flat_map(|variant| &variant.fields)),
        }
    }
}

pub(crate) struct Variant {
    pub(crate) name: Ident,
    pub(crate) discriminant: Discriminant,
    pub(crate) fields: Vec<Field>,
}

/// The value of the last explicit discriminant (or zero), and how many variants ago that was.
#[derive(Clone)]
pub(crate) struct Discriminant {
    pub(crate) base: Option<Expr>,
    pub(crate) steps: usize,
}

pub(crate) struct Field {
    /// What it is called.
    pub(crate) member: Member,
    /// Where it is in the struct that is described.
    pub(crate) place: Member,
    pub(crate) ty: Type,
    /// The type with the marker for each mention of the recursive type, if that is what is described.
    pub(crate) cut: Option<Type>,
}

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let model = |input, errors: &mut Errors| check::model(parse::declaration(input, errors), errors);
    derive::expand(input, model, expand::model, expand::stand_in)
}
