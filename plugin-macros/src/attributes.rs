//! Attributes of the user's items that generated code repeats.

use syn::{Attribute, Meta};

/// `#[cfg(…)]`: what is generated for an item is there when the item is.
pub(crate) fn conditions(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
}

/// `#[allow(…)]` and `#[expect(…)]`, as `#[allow(…)]`: what repeats an item's tokens is judged as they are.
pub(crate) fn lint_levels(attributes: &[Attribute]) -> impl Iterator<Item = Attribute> {
    attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("allow") || list.path.is_ident("expect") => {
            let lints = &list.tokens;
            Some(syn::parse_quote!(#[allow(#lints)]))
        }
        Meta::List(_) | Meta::Path(_) | Meta::NameValue(_) => None,
    })
}

/// Takes all attributes of one name off an item.
pub(crate) fn take(attributes: &mut Vec<Attribute>, name: &str) -> Vec<Attribute> {
    attributes.extract_if(.., |attribute| attribute.path().is_ident(name)).collect()
}
