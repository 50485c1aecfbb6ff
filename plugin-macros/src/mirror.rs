//! `#[derive(Crossing)]`.
//!
//! An ordinary type has no layout that another build could rely on, so it crosses as its mirror: a hidden type with the
//! FFI-safe forms of the fields, which `layout` describes under the name of the type. `parse` reads the item and its
//! attributes, `check` holds the rules and makes the model (`growth` the rules of types that grow), `expand` declares the
//! mirror and converts (`growing` those of types that grow, whose fields cross in a block on the heap).

mod check;
mod expand;
mod growing;
mod growth;
mod parse;

use proc_macro2::TokenStream;
use syn::{Generics, Ident, Member, Type};

use crate::{derive, errors::Errors, layout};

/// A type that keeps the rules.
struct Model {
    name: Ident,
    /// With the bounds that the fields need.
    generics: Generics,
    body: Body,
    /// Its mirror, as a type that is described.
    mirror: layout::Model,
}

enum Body {
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
    GrowingStruct(Vec<Field>),
    /// The unknown variant is not among the others.
    GrowingEnum {
        variants: Vec<Variant>,
        unknown: Unknown,
    },
}

/// The variant that stands for those of newer builds.
struct Unknown {
    name: Ident,
    /// The field for the name of the variant that arrived, if there is one.
    holds_name: Option<Member>,
}

struct Variant {
    name: Ident,
    fields: Vec<Field>,
}

struct Field {
    member: Member,
    /// Without `Self`: the mirror has one of its own.
    ty: Type,
    /// What takes its place if the sender is too old to have it.
    default: Option<TokenStream>,
}

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let model = |input, errors: &mut Errors| check::model(parse::declaration(input, errors), errors);
    derive::expand(input, model, expand::model, expand::stand_in)
}
