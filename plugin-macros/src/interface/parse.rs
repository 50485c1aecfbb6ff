//! Reads the attribute and the trait, and notes what cannot be part of an interface.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, Generics, Ident, Item, ItemTrait, LitStr, PathSegment, TraitItem, TraitItemFn, TypeParamBound,
    TypeTraitObject, WherePredicate,
    parse::Parser,
    visit::{self, Visit},
};

use super::{Interface, Method, asynchronous, shape::crossing};
use crate::{
    attributes::{conditions, lint_levels, take},
    errors::Errors,
    signature::{self, Around, Runs},
    spans::keyword,
    versions::{is_version, numbers},
};

pub(super) fn interface(arguments: TokenStream, item: TokenStream, errors: &mut Errors) -> Option<Interface> {
    let mut item = match errors.take(syn::parse2::<Item>(item.clone()))? {
        Item::Trait(item) => item,
        _ => {
            errors.at(
                keyword(item),
                "`#[plugin_interface]` belongs on a trait with its methods: `pub trait Codec { fn compress(&self, …) -> …; }`",
            );
            return None;
        }
    };
    let (id, version) = identity(arguments, &item, errors);
    for lifetime in item.generics.lifetimes() {
        errors.at(
            lifetime,
            "an object of an interface lives as long as somebody keeps it, so the trait has no lifetime: name it in the methods that need it",
        );
    }
    if let Some(token) = &item.unsafety {
        errors.at(
            token,
            "an interface is a safe trait: mark the methods that have preconditions as `unsafe fn`",
        );
    }
    if let Some(clause) = &item.generics.where_clause {
        errors.at(
            clause,
            "write the bounds of an interface as supertraits, `trait Codec: Send + Sync`, and those of its parameters beside them",
        );
    }
    let (supers, is_send, is_sync) = supertraits(&item, errors);

    if item.generics.lt_token.is_some() {
        check_self_mentions(&item, errors);
    }
    let generics = crossing(&item.generics);
    let mut methods: Vec<Method> = Vec::new();
    for member in &mut item.items {
        match member {
            TraitItem::Fn(function) => {
                let runs = if is_send { Runs::Anywhere } else { Runs::Here };
                if let Some(method) = method(function, &generics, runs, errors) {
                    asynchronous::declare(function, &item.ident, &method.callable);
                    check_order(&function.sig.ident, methods.last(), &method, errors);
                    methods.push(method);
                }
            }
            TraitItem::Const(constant) => errors.at(
                &constant.ident,
                "an associated constant has no place in a table of functions: write a method that returns it",
            ),
            TraitItem::Type(ty) => errors.at(
                &ty.ident,
                "an associated type would differ between implementors of one table: name the concrete type",
            ),
            other => {
                errors.at(other, "an interface consists of methods, which its macro must see: write them out")
            }
        }
    }
    asynchronous::check_names(&item, &methods, errors);
    Some(Interface { id, version, item, supers, is_send, is_sync, methods })
}

/// The description of a generic trait is a constant, which cannot contain itself.
fn check_self_mentions(item: &ItemTrait, errors: &mut Errors) {
    struct Find<'a>(&'a Ident, &'a mut Errors);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_type_trait_object(&mut self, object: &'ast TypeTraitObject) {
            let is_itself = object.bounds.iter().any(|bound| match bound {
                TypeParamBound::Trait(bound) => {
                    bound.path.segments.last().is_some_and(|last| last.ident == *self.0)
                }
                _ => false,
            });
            if is_itself {
                self.1.at(
                    object,
                    "a generic interface cannot mention itself: move this method to an interface without parameters, or return a struct",
                );
            }
            visit::visit_type_trait_object(self, object);
        }
    }
    let mut find = Find(&item.ident, errors);
    for member in &item.items {
        if let TraitItem::Fn(function) = member {
            find.visit_signature(&function.sig);
        }
    }
}

/// Tables only grow at the end.
fn check_order(name: &Ident, before: Option<&Method>, method: &Method, errors: &mut Errors) {
    let Some((before, _)) = before.and_then(|before| before.since.as_ref()) else {
        return;
    };
    match &method.since {
        None => errors.at(
            name,
            format!(
                "this method comes after one that was added in {before}, but tables only grow at the end: move it up, or \
                 mark it with the `#[since(\"…\")]` that added it"
            ),
        ),
        Some((since, _)) if numbers(since) < numbers(before) => errors.at(
            name,
            format!(
                "this method was added in {since}, but comes after one that was added in {before}: order new methods \
                 by version, since tables only grow at the end"
            ),
        ),
        Some(_) => {}
    }
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
                return Err(syn::Error::new_spanned(literal, "write a semantic version: `\"1.2.0\"`"));
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
                    errors.at(bound, "a table of functions works on objects of any size: remove `Sized`");
                }
                Some(last) if is_no_interface(last) => errors.at(
                    bound,
                    "this trait is not an interface, so objects of another library cannot have it: write a method that does \
                     its work",
                ),
                _ => supers.push(bound.path.clone()),
            },
            other => errors
                .at(other, "supertraits of an interface are `Send`, `Sync`, `'static` and other interfaces"),
        }
    }
    (supers, is_send, is_sync)
}

/// Traits of the standard library that are often supertraits; others meet the bounds of the generated code.
pub(super) fn is_no_interface(last: &PathSegment) -> bool {
    const KNOWN: [&str; 13] = [
        "Any",
        "Clone",
        "Copy",
        "Debug",
        "Default",
        "Drop",
        "Eq",
        "Hash",
        "Iterator",
        "Ord",
        "PartialEq",
        "PartialOrd",
        "ToString",
    ];
    !last.arguments.is_none() || KNOWN.iter().any(|known| last.ident == known)
}

/// Reads a method; `None` for one that stays out of the table, or that nothing can be made of.
fn method(function: &mut TraitItemFn, around: &Generics, runs: Runs, errors: &mut Errors) -> Option<Method> {
    let marks = take(&mut function.attrs, "since");
    if only_for_sized(function) {
        if function.default.is_none() {
            errors.at(
                &function.sig.ident,
                "a method `where Self: Sized` cannot be called through a table, so objects of another library need its default: write a body",
            );
        }
        for mark in marks {
            errors.at(
                mark,
                "a method `where Self: Sized` is not in the table, so no plugin is too old for it: remove `#[since]`",
            );
        }
        return None;
    }
    let since = since(&marks, function, errors);
    if function.sig.receiver().is_none() {
        errors.at(
            &function.sig.ident,
            "a method of an interface takes `&self`, `&mut self` or `self`: make this a function of the plugin's module, or add `where Self: Sized` and a default",
        );
        return None;
    }
    let conditions: Vec<_> = conditions(&function.attrs).cloned().collect();
    let around = Around {
        core: quote!(::plugin_core),
        generics: around.clone(),
        conditions: conditions.clone(),
        runs: Some(runs),
    };
    let callable = signature::parse(&around, &function.sig, errors)?;
    let lint_levels = lint_levels(&function.attrs).collect();
    Some(Method { callable, conditions, since, lint_levels })
}

pub(super) fn only_for_sized(function: &TraitItemFn) -> bool {
    let Some(clause) = &function.sig.generics.where_clause else {
        return false;
    };
    clause.predicates.iter().any(|predicate| match predicate {
        WherePredicate::Type(bound) => {
            bound.bounded_ty.to_token_stream().to_string() == "Self" && bound.bounds.iter().any(is_sized)
        }
        _ => false,
    })
}

fn is_sized(bound: &TypeParamBound) -> bool {
    let TypeParamBound::Trait(bound) = bound else { return false };
    bound.path.segments.last().is_some_and(|last| last.ident == "Sized")
}

/// Reads `#[since("…")]`.
fn since(marks: &[Attribute], function: &TraitItemFn, errors: &mut Errors) -> Option<(String, syn::Block)> {
    let (mark, others) = marks.split_first()?;
    for other in others {
        errors.at(other, "a method is added by one version: keep the `#[since]` that is right");
    }
    let literal = errors.take(mark.parse_args::<LitStr>().map_err(|_| {
        syn::Error::new_spanned(
            mark,
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
