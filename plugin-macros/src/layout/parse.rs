//! Reads the item and its attributes.

use syn::{
    Attribute, Data, DeriveInput, Expr, Fields, Generics, Ident, Member, Meta, Path, Token, Type,
    punctuated::Punctuated,
};

use crate::{attributes::lint_levels, errors::Errors};

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
    pub(super) discriminant: Option<Expr>,
    pub(super) fields: Vec<Field>,
}

pub(super) struct Field {
    pub(super) member: Member,
    pub(super) ty: Type,
    /// The argument of `#[layout(recursive)]`.
    pub(super) recursive: Option<Path>,
}

pub(super) fn declaration(input: DeriveInput, errors: &mut Errors) -> Declaration {
    no_layout(&input.attrs, errors);
    let body = match input.data {
        Data::Struct(data) => Body::Struct(fields(data.fields, errors)),
        Data::Enum(data) => {
            let variants = data.variants.into_iter().map(|variant| {
                no_layout(&variant.attrs, errors);
                Variant {
                    name: variant.ident,
                    discriminant: variant.discriminant.map(|(_, value)| value),
                    fields: fields(variant.fields, errors),
                }
            });
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

fn fields(fields: Fields, errors: &mut Errors) -> Vec<Field> {
    let members: Vec<Member> = fields.members().collect();
    let with_members = members.into_iter().zip(fields);
    with_members
        .map(|(member, field)| Field { member, ty: field.ty, recursive: recursive(&field.attrs, errors) })
        .collect()
}

pub(crate) fn reprs(attributes: &[Attribute], errors: &mut Errors) -> Vec<Meta> {
    let reprs = attributes.iter().filter(|attribute| attribute.path().is_ident("repr"));
    reprs
        .filter_map(|repr| errors.take(repr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)))
        .flatten()
        .collect()
}

fn no_layout(attributes: &[Attribute], errors: &mut Errors) {
    for attribute in attributes {
        if attribute.path().is_ident("layout") {
            errors.at(
                attribute,
                "`#[layout(…)]` belongs to a field: move it to the field that mentions the recursive type",
            );
        }
    }
}

fn recursive(attributes: &[Attribute], errors: &mut Errors) -> Option<Path> {
    let mut recursive = None;
    for attribute in attributes {
        if !attribute.path().is_ident("layout") {
            continue;
        }
        let arguments = match &attribute.meta {
            Meta::List(list) => list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated),
            Meta::Path(_) | Meta::NameValue(_) => Ok(Punctuated::new()),
        };
        let arguments = arguments.unwrap_or_default();
        if arguments.is_empty() {
            errors.at(attribute, "write `#[layout(recursive)]`");
        }
        for argument in arguments {
            match argument {
                Meta::Path(path) if path.is_ident("recursive") => recursive = Some(path),
                Meta::List(list) if list.path.is_ident("recursive") => errors.at(
                    list,
                    "`recursive` is for mentions of the type itself and takes no arguments: where two types mention \
                     each other, make one generic over the other, as in `struct File<F> { folder: *const F }`, and \
                     write `#[layout(recursive)] files: RVec<File<Self>>` in the other",
                ),
                Meta::Path(_) | Meta::List(_) | Meta::NameValue(_) => {
                    errors.at(argument, "unknown argument: write `recursive` where a type mentions itself");
                }
            }
        }
    }
    recursive
}
