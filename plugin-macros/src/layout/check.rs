//! The rules: which types have a layout that another build can rely on.

use quote::ToTokens;
use syn::{Ident, Meta, ext::IdentExt};

use super::{
    Discriminant, Field, Model, Parameters, Shape, Variant, lifetimes,
    parse::{self, Body, Declaration},
    recursion::Recursion,
};
use crate::{errors::Errors, signature::check_field};

/// The representations whose discriminants fit the 64 bits of a description.
const PRIMITIVES: [&str; 10] = ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize"];

pub(super) fn model(declaration: Declaration, errors: &mut Errors) -> Option<Model> {
    let Declaration { name, generics, lint_levels, reprs, body } = declaration;
    let mut recursion = Recursion::new(&name, &generics);
    let shape = match body {
        Body::Struct(members) => {
            struct_repr(&name, &reprs, errors);
            Some(Shape::Struct(fields(members, &mut recursion, errors)))
        }
        Body::Enum(members) => {
            let repr = enum_repr(&name, members.is_empty(), &reprs, errors);
            let variants = variants(&name, members, &mut recursion, errors);
            repr.map(|repr| Shape::Enum { repr, variants })
        }
        Body::Union(token) => {
            errors.at(
                token,
                "a union does not say which of its fields is valid: write an enum with `#[repr(u8)]`, or a struct with \
                 the bytes",
            );
            None
        }
    };
    let marker = recursion.into_marker();
    let is_transparent = reprs.iter().any(|repr| is(repr, "transparent"));
    shape.map(|shape| Model {
        lifetimes: lifetimes::of(&generics, shape.fields().map(|field| &field.ty)),
        text: name.unraw().to_string(),
        name,
        generics,
        parameters: Parameters::AsTheyAre,
        lint_levels,
        shape,
        is_transparent,
        growth: None,
        marker,
    })
}

fn struct_repr(name: &Ident, reprs: &[Meta], errors: &mut Errors) {
    let mut is_settled = false;
    for repr in reprs {
        is_settled |= !is(repr, "align");
        if is(repr, "packed") {
            packed(repr, errors);
        } else if is_primitive(repr) {
            errors.at(repr, format!("`repr({})` is for enums: write `#[repr(C)]`", repr.to_token_stream()));
        } else if !["C", "transparent", "align"].iter().any(|known| is(repr, known)) {
            unstable(repr, "#[repr(C)]", errors);
        }
    }
    if !is_settled {
        errors.at(
            name,
            format!(
                "the layout of `{name}` may change with every build: add `#[repr(C)]`, or `#[repr(transparent)]` to a \
                 wrapper of one field"
            ),
        );
    }
}

fn enum_repr(name: &Ident, is_empty: bool, reprs: &[Meta], errors: &mut Errors) -> Option<Ident> {
    let primitive = reprs.iter().find(|repr| is_primitive(repr));
    // Without variants there can be no representation.
    let mut is_settled = is_empty;
    for repr in reprs {
        is_settled |= !is(repr, "align");
        if is(repr, "packed") {
            packed(repr, errors);
        } else if is(repr, "C") && primitive.is_some() {
            errors.at(
                repr,
                "`C` puts the payloads of all variants at one offset, as a union beside the tag: leave the primitive \
                 representation alone, as in `#[repr(u8)]`",
            );
        } else if is(repr, "C") {
            errors.at(
                repr,
                "with `repr(C)` the C compiler chooses the size of the tag: write `#[repr(u8)]`, or a wider integer",
            );
        } else if is(repr, "transparent") {
            errors.at(repr, "`repr(transparent)` is for structs: write `#[repr(u8)]`");
        } else if is(repr, "u128") || is(repr, "i128") {
            errors.at(repr, "discriminants are described in 64 bits: write `#[repr(u64)]` or `#[repr(i64)]`");
        } else if !is(repr, "align") && !is_primitive(repr) {
            unstable(repr, "#[repr(u8)]", errors);
        }
    }
    if !is_settled {
        errors.at(
            name,
            format!(
                "the layout of `{name}` may change with every build: add `#[repr(u8)]`, or a wider integer"
            ),
        );
    }
    primitive.and_then(|repr| repr.path().get_ident().cloned())
}

pub(crate) fn is(repr: &Meta, name: &str) -> bool {
    repr.path().is_ident(name)
}

fn is_primitive(repr: &Meta) -> bool {
    PRIMITIVES.iter().any(|primitive| is(repr, primitive))
}

pub(crate) fn packed(repr: &Meta, errors: &mut Errors) {
    errors.at(
        repr,
        "fields of a packed type cannot be borrowed: order the fields by descending alignment, or store bytes as in \
         `[u8; 4]`, and leave out `packed`",
    );
}

fn unstable(repr: &Meta, instead: &str, errors: &mut Errors) {
    errors.at(
        repr,
        format!(
            "the layout under `repr({})` may change with every build: write `{instead}`",
            repr.to_token_stream()
        ),
    );
}

fn variants(
    name: &Ident,
    members: Vec<parse::Variant>,
    recursion: &mut Recursion,
    errors: &mut Errors,
) -> Vec<Variant> {
    if members.is_empty() {
        errors.at(
            name,
            format!("`{name}` has no variants, so no value of it can cross: add one, or write `#[repr(C)] struct {name};`"),
        );
    }
    let mut next = Discriminant { base: None, steps: 0 };
    let checked = members.into_iter().map(|variant| {
        if variant.discriminant.is_some() {
            next = Discriminant { base: variant.discriminant, steps: 0 };
        }
        let discriminant = next.clone();
        next.steps += 1;
        Variant { name: variant.name, discriminant, fields: fields(variant.fields, recursion, errors) }
    });
    checked.collect()
}

fn fields(members: Vec<parse::Field>, recursion: &mut Recursion, errors: &mut Errors) -> Vec<Field> {
    let checked = members.into_iter().map(|field| {
        check_field(&field.ty, errors);
        Field {
            cut: recursion.cut(&field, errors),
            place: field.member.clone(),
            member: field.member,
            ty: field.ty,
        }
    });
    checked.collect()
}
