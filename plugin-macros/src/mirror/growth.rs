//! The rules of types that grow: what may be added, and where.

use quote::{ToTokens, quote_spanned};
use syn::{Ident, LitStr, Path, Type, spanned::Spanned};

use super::{
    Unknown,
    parse::{self, Since},
};
use crate::{
    errors::Errors,
    versions::{self, numbers},
};

/// The versions of the fields that were added, in order.
pub(super) fn since(members: &[parse::Field], errors: &mut Errors) -> Vec<LitStr> {
    let mut before: Option<&LitStr> = None;
    for member in members {
        match (&member.since, before) {
            (None, None) => {}
            // A mark that cannot be read was reported.
            (None, Some(_)) if member.is_marked => {}
            (None, Some(before)) => errors.at(
                &member.ty,
                format!(
                    "this field comes after one that was added in {}, but a growing struct only grows at its end: move it \
                     up, or mark it with the `#[since(\"…\")]` that added it",
                    before.value()
                ),
            ),
            (Some(Since { version, .. }), _) => {
                versions::check(version, errors);
                if let Some(before) = before
                    && let (Some(last), Some(this)) = (numbers(&before.value()), numbers(&version.value()))
                    && this < last
                {
                    errors.at(
                        version,
                        format!(
                            "this field comes after one that was added in {}: order new fields by version, since a growing \
                             struct only grows at its end",
                            before.value()
                        ),
                    );
                }
                before = Some(version);
            }
        }
    }
    members.iter().filter_map(|member| member.since.as_ref()).map(|since| since.version.clone()).collect()
}

/// What takes the place of a field that an older build does not send: reported at the type, if that has no default.
pub(super) fn default(ty: &Type, since: Option<&Since>) -> Option<proc_macro2::TokenStream> {
    let default = match &since?.default {
        Some(expression) => expression.to_token_stream(),
        None => quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default()),
    };
    Some(default)
}

/// `#[since]` in a type that does not grow.
pub(super) fn none<'a>(members: impl Iterator<Item = &'a parse::Field>, cure: &str, errors: &mut Errors) {
    for since in members.filter_map(|member| member.since.as_ref()) {
        errors.at(&since.attribute, cure);
    }
}

pub(super) const NOT_A_GROWING_STRUCT: &str =
    "a struct that gets more fields says so from its first version on: write `#[crossing(growing)]` above it";
pub(super) const IN_A_VARIANT: &str = "the fields of a variant stay as they are: put what may grow into a growing struct, \
     and that into the variant";

/// The variant that stands for those of newer builds.
pub(super) fn unknown(
    name: &Ident,
    growing: Option<&Path>,
    members: &[parse::Variant],
    errors: &mut Errors,
) -> Option<(usize, Unknown)> {
    let mut marked = members.iter().enumerate().filter(|(_, variant)| variant.unknown.is_some());
    if growing.is_none() {
        for (_, variant) in marked {
            errors.at(
                &variant.unknown,
                "only an enum that grows meets variants that it does not know: write `#[crossing(growing)]` above it",
            );
        }
        return None;
    }
    let Some((place, variant)) = marked.next() else {
        errors.at(
            name,
            format!(
                "`{name}` grows, so it needs a variant for those that newer builds have: add `#[unknown] Unknown`, or \
                 `#[unknown] Unknown(String)` for their names"
            ),
        );
        return None;
    };
    for (_, other) in marked {
        errors.at(&other.unknown, "one variant stands for all that are not known: keep one `#[unknown]`");
    }
    let holds_name = match &variant.fields[..] {
        [] => None,
        [field] if is_string(&field.ty) => Some(field.member.clone()),
        _ => {
            errors.at(
                &variant.name,
                "the unknown variant holds nothing, or the name of the variant that arrived as a `String`",
            );
            None
        }
    };
    Some((place, Unknown { name: variant.name.clone(), holds_name }))
}

fn is_string(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "String"),
        _ => false,
    }
}
