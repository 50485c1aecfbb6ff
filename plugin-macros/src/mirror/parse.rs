//! Reads the item and its attributes.

use syn::{Attribute, Data, DeriveInput, Fields, Generics, Ident, Member, Meta, Token, Type};

use crate::{attributes::lint_levels, errors::Errors, layout::parse::reprs};

/// An item as it is written.
pub(super) struct Declaration {
    pub(super) name: Ident,
    pub(super) generics: Generics,
    pub(super) lint_levels: Vec<Attribute>,
    /// The arguments of all `#[repr(…)]`.
    pub(super) reprs: Vec<Meta>,
    pub(super) body: Body,
}

pub(super) enum Body {
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
    Union(Token![union]),
}

pub(super) struct Variant {
    pub(super) name: Ident,
    pub(super) fields: Vec<Field>,
}

pub(super) struct Field {
    pub(super) member: Member,
    pub(super) ty: Type,
}

pub(super) fn declaration(input: DeriveInput, errors: &mut Errors) -> Declaration {
    let body = match input.data {
        Data::Struct(data) => Body::Struct(fields(data.fields)),
        Data::Enum(data) => {
            let variants = data
                .variants
                .into_iter()
                .map(|variant| Variant { name: variant.ident, fields: fields(variant.fields) });
            Body::Enum(variants.collect())
        }
        Data::Union(data) => Body::Union(data.union_token),
    };
    Declaration {
        name: input.ident,
        generics: input.generics,
        reprs: reprs(&input.attrs, errors),
        lint_levels: lint_levels(&input.attrs).collect(),
        body,
    }
}

fn fields(fields: Fields) -> Vec<Field> {
    let members: Vec<Member> = fields.members().collect();
    members.into_iter().zip(fields).map(|(member, field)| Field { member, ty: field.ty }).collect()
}
