//! Reads the item and its attributes.

use syn::{
    Attribute, Data, DeriveInput, Expr, Fields, Generics, Ident, LitStr, Member, Meta, Path, Token, Type,
    parse::ParseStream, punctuated::Punctuated,
};

use crate::{attributes::lint_levels, errors::Errors, layout::parse::reprs};

/// An item as it is written.
pub(super) struct Declaration {
    pub(super) name: Ident,
    pub(super) generics: Generics,
    pub(super) lint_levels: Vec<Attribute>,
    /// The arguments of all `#[repr(…)]`.
    pub(super) reprs: Vec<Meta>,
    /// The argument of `#[crossing(growing)]`.
    pub(super) growing: Option<Path>,
    pub(super) body: Body,
}

pub(super) enum Body {
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
    Union(Token![union]),
}

pub(super) struct Variant {
    pub(super) name: Ident,
    /// `#[unknown]`.
    pub(super) unknown: Option<Attribute>,
    pub(super) fields: Vec<Field>,
}

pub(super) struct Field {
    pub(super) member: Member,
    pub(super) ty: Type,
    pub(super) since: Option<Since>,
    /// Whether it has a `#[since]`, be it readable or not.
    pub(super) is_marked: bool,
}

/// `#[since("1.1.0", default = …)]`
pub(super) struct Since {
    pub(super) attribute: Attribute,
    pub(super) version: LitStr,
    pub(super) default: Option<Expr>,
}

pub(super) fn declaration(input: DeriveInput, errors: &mut Errors) -> Declaration {
    misplaced(&input.attrs, "since", ON_FIELDS, errors);
    misplaced(&input.attrs, "unknown", ON_VARIANTS, errors);
    let body = match input.data {
        Data::Struct(data) => Body::Struct(fields(data.fields, errors)),
        Data::Enum(data) => {
            let variants = data.variants.into_iter().map(|variant| {
                misplaced(&variant.attrs, "crossing", ON_THE_TYPE, errors);
                misplaced(&variant.attrs, "since", ON_FIELDS, errors);
                let unknown =
                    variant.attrs.into_iter().find(|attribute| attribute.path().is_ident("unknown"));
                Variant { name: variant.ident, unknown, fields: fields(variant.fields, errors) }
            });
            Body::Enum(variants.collect())
        }
        Data::Union(data) => Body::Union(data.union_token),
    };
    Declaration {
        name: input.ident,
        generics: input.generics,
        reprs: reprs(&input.attrs, errors),
        growing: growing(&input.attrs, errors),
        lint_levels: lint_levels(&input.attrs).collect(),
        body,
    }
}

const ON_THE_TYPE: &str = "`#[crossing(growing)]` says something of the whole type: write it above the type";
const ON_FIELDS: &str =
    "`#[since]` belongs to a field of a growing struct; a growing enum gets variants without it";
const ON_VARIANTS: &str =
    "`#[unknown]` belongs to the variant of a growing enum that stands for those of newer builds";

fn misplaced(attributes: &[Attribute], name: &str, cure: &str, errors: &mut Errors) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        errors.at(attribute, cure);
    }
}

fn fields(fields: Fields, errors: &mut Errors) -> Vec<Field> {
    let members: Vec<Member> = fields.members().collect();
    let with_members = members.into_iter().zip(fields);
    with_members
        .map(|(member, field)| {
            misplaced(&field.attrs, "crossing", ON_THE_TYPE, errors);
            misplaced(&field.attrs, "unknown", ON_VARIANTS, errors);
            let is_marked = field.attrs.iter().any(|attribute| attribute.path().is_ident("since"));
            Field { member, ty: field.ty, since: since(&field.attrs, errors), is_marked }
        })
        .collect()
}

fn growing(attributes: &[Attribute], errors: &mut Errors) -> Option<Path> {
    const KNOWN: &str = "known here is `#[crossing(growing)]`";
    let mut growing = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("crossing")) {
        let arguments = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
        match arguments.ok().filter(|arguments| !arguments.is_empty()) {
            Some(arguments) => {
                for argument in arguments {
                    match argument.is_ident("growing") {
                        true => growing = Some(argument),
                        false => errors.at(argument, KNOWN),
                    }
                }
            }
            None => errors.at(attribute, KNOWN),
        }
    }
    growing
}

fn since(attributes: &[Attribute], errors: &mut Errors) -> Option<Since> {
    let mut marks = attributes.iter().filter(|attribute| attribute.path().is_ident("since"));
    let mark = marks.next()?;
    for other in marks {
        errors.at(other, "a field is added by one version: keep the `#[since]` that is right");
    }
    let arguments = mark.parse_args_with(|input: ParseStream<'_>| {
        let version = input.parse()?;
        let mut default = None;
        if input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            let name: Ident = input.parse()?;
            if name != "default" {
                return Err(syn::Error::new_spanned(name, USAGE));
            }
            input.parse::<Token![=]>()?;
            default = Some(input.parse()?);
            input.parse::<Option<Token![,]>>()?;
        }
        Ok((version, default))
    });
    let (version, default) = errors.take(arguments.map_err(|_| syn::Error::new_spanned(mark, USAGE)))?;
    Some(Since { attribute: mark.clone(), version, default })
}

const USAGE: &str = "write the version that added the field: `#[since(\"1.1.0\")]`, or \
     `#[since(\"1.1.0\", default = …)]` where the default is not `Default::default()`";
