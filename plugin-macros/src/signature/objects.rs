//! Trait objects in signatures: `&dyn Trait` and `&mut dyn Trait` as arguments, `Box<dyn Trait>` and `Arc<dyn Trait>`
//! anywhere.

use syn::{GenericArgument, PathArguments, Type, TypeParamBound, TypePath, TypeTraitObject};

use crate::errors::Errors;

/// The object behind a reference.
pub(super) fn lent(ty: &Type) -> Option<&TypeTraitObject> {
    match ty {
        Type::Reference(reference) => target(&reference.elem),
        Type::Group(group) => lent(&group.elem),
        Type::Paren(paren) => lent(&paren.elem),
        _ => None,
    }
}

/// `dyn Trait`, with or without parentheses.
pub(super) fn target(ty: &Type) -> Option<&TypeTraitObject> {
    match ty {
        Type::TraitObject(object) => Some(object),
        Type::Group(group) => target(&group.elem),
        Type::Paren(paren) => target(&paren.elem),
        _ => None,
    }
}

/// The object in a `Box` or an `Arc`.
pub(super) fn owned(path: &TypePath) -> Option<&TypeTraitObject> {
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) if last.ident == "Box" || last.ident == "Arc" => target(ty),
        _ => None,
    }
}

/// Checks an object that is moved, and so outlives whatever it could borrow.
pub(super) fn check_owned(object: &TypeTraitObject, errors: &mut Errors) {
    for bound in &object.bounds {
        if let TypeParamBound::Lifetime(lifetime) = bound
            && lifetime.ident != "static"
        {
            errors.at(
                lifetime,
                "an object that is moved to the other side borrows nothing: leave out the lifetime",
            );
        }
    }
    check(object, errors);
}

/// Checks which trait an object is of, and what it promises beyond that.
pub(super) fn check(object: &TypeTraitObject, errors: &mut Errors) {
    let mut principal = true;
    for bound in &object.bounds {
        let TypeParamBound::Trait(bound) = bound else { continue };
        let Some(last) = bound.path.segments.last() else { continue };
        let name = last.ident.to_string();
        if ["Send", "Sync", "Unpin"].contains(&name.as_str()) {
            errors.at(
                bound,
                format!(
                    "what every object of an interface is, the interface says: write `trait …: {name}` there and leave it out here"
                ),
            );
        } else if let Some(cure) = cure(&name).filter(|_| principal) {
            errors.at(bound, cure);
            return;
        }
        principal = false;
    }
}

/// What to write for a trait of the standard library, whose objects know nothing of the other side.
fn cure(name: &str) -> Option<&'static str> {
    Some(match name {
        "Display" | "Debug" | "ToString" => {
            "an object of a trait of the standard library has no table for the other side: pass its text, as `&str` or `String`"
        }
        "Read" | "Write" | "BufRead" | "Seek" => {
            "an object of a trait of the standard library has no table for the other side: pass bytes, or declare an interface with `#[plugin_interface]` that reads or writes"
        }
        "Fn" | "FnMut" | "FnOnce" => {
            "a closure crosses as an argument or a result of its own: inside another type, use an interface with one method"
        }
        "Any" => {
            "types have no identity that two builds share: use `plugin_core::abi::AnyValue`, which holds values of types with `#[derive(StableLayout)]`"
        }
        "Error" => "an error crosses in a box: write `Box<dyn Error + Send + Sync>`",
        "Iterator" => {
            "an iterator crosses in a box, or lent for a call: write `Box<dyn Iterator<Item = T>>` or `&mut dyn Iterator<Item = T>`"
        }
        "Future" => {
            "an object of a trait of the standard library has no table for the other side: declare an interface with `#[plugin_interface]`"
        }
        _ => return None,
    })
}
