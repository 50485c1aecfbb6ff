//! Reads the attribute and the trait, and notes what cannot be part of an interface.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, ItemTrait, LitStr, TraitItem, TraitItemFn, TypeParamBound, WherePredicate, parse::Parser,
};

use super::{Interface, Method};
use crate::{errors::Errors, signature};

pub(super) fn interface(arguments: TokenStream, item: TokenStream, errors: &mut Errors) -> Option<Interface> {
    let mut item = match syn::parse2::<ItemTrait>(item.clone()) {
        Ok(item) => item,
        Err(_) => {
            errors.at(
                TokenStream::from_iter(item.into_iter().take(2)),
                "`#[plugin_interface]` belongs on a trait with its methods: `pub trait Codec { fn compress(&self, …) -> …; }`",
            );
            return None;
        }
    };
    let (id, version) = identity(arguments, &item, errors);
    for parameter in &item.generics.params {
        errors.at(
            parameter,
            "a generic trait has no single table of functions: declare the trait for the concrete type",
        );
    }
    if let Some(token) = &item.unsafety {
        errors.at(
            token,
            "an interface is a safe trait: mark the methods that have preconditions as `unsafe fn`",
        );
    }
    let (supers, is_send, is_sync) = supertraits(&item, errors);

    let mut methods: Vec<Method> = Vec::new();
    for member in &mut item.items {
        match member {
            TraitItem::Fn(function) => {
                if let Some(method) = method(function, errors) {
                    if let (None, Some((since, _))) =
                        (&method.since, methods.last().and_then(|last| last.since.as_ref()))
                    {
                        errors.at(
                            &function.sig.ident,
                            format!(
                                "this method comes after one that was added in {since}: tables only grow at the end, so move it up, or mark it with `#[since(\"…\")]`, too"
                            ),
                        );
                    }
                    methods.push(method);
                }
            }
            TraitItem::Const(constant) => errors.at(
                constant,
                "an associated constant has no place in a table of functions: write a method that returns it",
            ),
            TraitItem::Type(ty) => errors.at(
                ty,
                "an associated type would differ between implementors of one table: name the concrete type",
            ),
            other => errors.at(other, "an interface consists of methods"),
        }
    }
    Some(Interface {
        id,
        version,
        item,
        supers,
        is_send,
        is_sync,
        methods,
    })
}

/// Id and version, by hand or from the crate.
fn identity(arguments: TokenStream, item: &ItemTrait, errors: &mut Errors) -> (TokenStream, TokenStream) {
    let crate_name = std::env::var("CARGO_CRATE_NAME").unwrap_or_else(|_| "unnamed".to_owned());
    let mut id = format!("{crate_name}::{}", item.ident).to_token_stream();
    let mut version = quote!(::core::env!("CARGO_PKG_VERSION"));
    let parser = syn::meta::parser(|meta| {
        if meta.path.is_ident("id") {
            id = meta.value()?.parse::<LitStr>()?.to_token_stream();
        } else if meta.path.is_ident("version") {
            let literal = meta.value()?.parse::<LitStr>()?;
            if !is_version(&literal.value()) {
                return Err(syn::Error::new_spanned(
                    literal,
                    "write a semantic version: `\"1.2.0\"`",
                ));
            }
            version = literal.to_token_stream();
        } else {
            return Err(meta.error("known here are `id = \"crate::Trait\"` and `version = \"1.2.0\"`"));
        }
        Ok(())
    });
    errors.take(parser.parse2(arguments));
    (id, version)
}

fn supertraits(item: &ItemTrait, errors: &mut Errors) -> (Vec<syn::Path>, bool, bool) {
    let (mut supers, mut is_send, mut is_sync) = (Vec::new(), false, false);
    for bound in &item.supertraits {
        match bound {
            TypeParamBound::Lifetime(lifetime) if lifetime.ident == "static" => {}
            TypeParamBound::Trait(bound) => match bound.path.segments.last() {
                Some(last) if last.ident == "Send" => is_send = true,
                Some(last) if last.ident == "Sync" => is_sync = true,
                Some(last) if last.ident == "Unpin" => {}
                Some(last) if last.ident == "Sized" => {
                    errors.at(
                        bound,
                        "a table of functions works on objects of any size: remove `Sized`",
                    );
                }
                _ => supers.push(bound.path.clone()),
            },
            other => errors.at(
                other,
                "supertraits of an interface are `Send`, `Sync`, `'static` and other interfaces",
            ),
        }
    }
    (supers, is_send, is_sync)
}

/// Reads a method; `None` for one that stays out of the table, or that nothing can be made of.
fn method(function: &mut TraitItemFn, errors: &mut Errors) -> Option<Method> {
    let since = since(function, errors);
    if let Some(attribute) = function
        .attrs
        .iter()
        .find(|attribute| attribute.path().is_ident("cfg"))
    {
        errors.at(
            attribute,
            "a method that is there only in some builds would shift the table: put `#[cfg]` on the trait, or in the body",
        );
    }
    if only_for_sized(function) {
        if function.default.is_none() {
            errors.at(
                &function.sig.ident,
                "a method `where Self: Sized` cannot be called through a table, so objects of another library need its default: write a body",
            );
        }
        return None;
    }
    if function.sig.receiver().is_none() {
        errors.at(
            &function.sig.ident,
            "a method of an interface takes `&self` or `&mut self`: make this a function of the plugin's module, or add `where Self: Sized` and a default",
        );
        return None;
    }
    let callable = signature::parse(&function.sig, errors)?;
    Some(Method { callable, since })
}

fn only_for_sized(function: &TraitItemFn) -> bool {
    let Some(clause) = &function.sig.generics.where_clause else {
        return false;
    };
    clause.predicates.iter().any(|predicate| match predicate {
        WherePredicate::Type(bound) => {
            bound.bounded_ty.to_token_stream().to_string() == "Self"
                && bound
                    .bounds
                    .iter()
                    .any(|bound| bound.to_token_stream().to_string() == "Sized")
        }
        _ => false,
    })
}

/// Takes `#[since("…")]` off a method.
fn since(function: &mut TraitItemFn, errors: &mut Errors) -> Option<(String, syn::Block)> {
    let position = function
        .attrs
        .iter()
        .position(|attribute| attribute.path().is_ident("since"))?;
    let attribute: Attribute = function.attrs.remove(position);
    let literal = errors.take(attribute.parse_args::<LitStr>().map_err(|_| {
        syn::Error::new_spanned(
            &attribute,
            "write the version of the interface that added the method: `#[since(\"1.1.0\")]`",
        )
    }))?;
    if !is_version(&literal.value()) {
        errors.at(&literal, "write a semantic version: `#[since(\"1.1.0\")]`");
    }
    match &function.default {
        Some(default) => Some((literal.value(), default.clone())),
        None => {
            errors.at(
                &function.sig.ident,
                "a method with `#[since]` needs a default body: it runs where a plugin was built without the method",
            );
            None
        }
    }
}

/// Three numbers, and perhaps a pre-release or build part, which hosts judge.
fn is_version(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<_> = core.split('.').collect();
    numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u64>().is_ok())
}
