//! `#[derive(StableLayout)]`.
//!
//! `parse` reads the item and its attributes, `check` holds the rules and makes the model, `expand` describes the model
//! (`payload` the insides of variants, `recursion` the places where a description stops).

mod check;
mod expand;
mod lifetimes;
mod parse;
mod payload;
mod recursion;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, DeriveInput, Expr, Generics, Member, Type};

use crate::errors::Errors;

/// A type that keeps the rules.
struct Model {
    name: Ident,
    generics: Generics,
    /// `#[allow(…)]` on the type: what repeats its tokens is judged as they are.
    lint_levels: Vec<Attribute>,
    shape: Shape,
    /// Its lifetimes and those of its fields, by number.
    lifetimes: String,
    is_transparent: bool,
    /// The stand-in for mentions of the type in itself, if there are any.
    marker: Option<Ident>,
}

enum Shape {
    Struct(Vec<Field>),
    Enum { repr: Ident, variants: Vec<Variant> },
}

impl Shape {
    /// Every field, those of all variants in turn.
    fn fields(&self) -> Box<dyn Iterator<Item = &Field> + '_> {
        match self {
            Self::Struct(fields) => Box::new(fields.iter()),
            Self::Enum { repr: _, variants } => Box::new(variants.iter().flat_map(|variant| &variant.fields)),
        }
    }
}

struct Variant {
    name: Ident,
    discriminant: Discriminant,
    fields: Vec<Field>,
}

/// The value of the last explicit discriminant (or zero), and how many variants ago that was.
#[derive(Clone)]
struct Discriminant {
    base: Option<Expr>,
    steps: usize,
}

struct Field {
    member: Member,
    ty: Type,
    /// The type with the marker for each mention of the recursive type, if that is what is described.
    cut: Option<Type>,
}

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(input) = errors.take(syn::parse2::<DeriveInput>(input)) else {
        return errors.into_tokens().unwrap_or_default();
    };
    let declaration = parse::declaration(input, &mut errors);
    let (name, generics) = (declaration.name.clone(), declaration.generics.clone());
    let model = check::model(declaration, &mut errors);
    match (errors.into_tokens(), model) {
        (None, Some(model)) => expand::model(&model),
        (errors, _) => {
            let stand_in = expand::stand_in(&name, &generics);
            quote!(#errors #stand_in)
        }
    }
}
