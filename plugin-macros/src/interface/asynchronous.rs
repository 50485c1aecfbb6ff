//! `async fn` in a trait.
//!
//! The trait stays one that anybody implements with `async fn`: each is declared as returning `impl Future`, for sized
//! types, so that `dyn Trait` stays a type. What can be called on that is a hidden supertrait, which everything that
//! implements the trait has: `fetch_boxed`, a `fetch` whose future is in a box.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Generics, Ident, ItemTrait, Lifetime, ReturnType, TraitItemFn, Type, parse_quote, parse_quote_spanned,
};

use super::{
    Interface, Method,
    table::{self, parameters},
};
use crate::{
    attributes::conditions,
    errors::Errors,
    signature::{Callable, Parameter, Receiver, Runs},
    spans::located,
};

/// Declares an `async fn` as a function that returns a future.
pub(super) fn declare(function: &mut TraitItemFn, trait_name: &Ident, callable: &Callable) {
    let (Some(token), Some(runs)) = (function.sig.asyncness.take(), callable.future) else { return };
    // What does not fit is reported at the keyword.
    let span = Span::call_site().located_at(token.span);
    let result = match &function.sig.output {
        ReturnType::Default => parse_quote_spanned!(span=> ()),
        ReturnType::Type(_, ty) => ty.clone(),
    };
    let bound = located(runs.bound(), span);
    function.sig.output =
        parse_quote_spanned!(span=> -> impl ::core::future::Future<Output = #result> #bound);
    let bounds = function.sig.generics.make_where_clause();
    bounds.predicates.push(parse_quote_spanned!(span=> Self: ::core::marker::Sized));
    if let Some(body) = &function.default {
        let block = block(&result.to_token_stream(), body);
        function.default = Some(parse_quote!({ #block }));
        function.attrs.push(parse_quote!(#[allow(clippy::manual_async_fn)]));
    }
    if has_boxed(callable) {
        let note = format!("On `dyn {trait_name}` call it as `{}`.", boxed_name(callable));
        function.attrs.push(parse_quote!(#[doc = ""]));
        function.attrs.push(parse_quote!(#[doc = #note]));
    }
}

/// A body as a future, with the type of its output said first, as a function says it.
fn block(result: &TokenStream, body: &syn::Block) -> TokenStream {
    let statements = &body.stmts;
    let output = Ident::new("output", Span::mixed_site());
    quote! {
        async move {
            if let ::core::option::Option::Some(#output) = ::plugin_core::__private::output_of::<#result>() {
                return #output;
            }
            #(#statements)*
        }
    }
}

/// Notes a method that has the name of one that is made of another.
pub(super) fn check_names(item: &ItemTrait, methods: &[Method], errors: &mut Errors) {
    let asynchronous = methods.iter().filter(|method| has_boxed(&method.callable));
    let names: Vec<Ident> = asynchronous.map(|method| boxed_name(&method.callable)).collect();
    for member in &item.items {
        if let syn::TraitItem::Fn(function) = member
            && names.contains(&function.sig.ident)
        {
            errors.at(
                &function.sig.ident,
                "this is what an `async fn` of the trait is called on a trait object: choose another name",
            );
        }
    }
}

/// The supertrait that is called on trait objects, which the trait then has, and its implementation; nothing for a trait
/// that needs none.
pub(super) fn boxed(interface: &Interface, item: &mut ItemTrait) -> (TokenStream, TokenStream) {
    let methods = || interface.methods.iter().filter(|method| has_boxed(&method.callable));
    if methods().next().is_none() {
        return Default::default();
    }
    let name = boxed_trait(&item.ident);
    let (_, arguments, _) = item.generics.split_for_impl();
    let (trait_path, boxed_path) = {
        let ident = &item.ident;
        (quote!(#ident #arguments), quote!(#name #arguments))
    };
    let (visibility, generics) = (&item.vis, &item.generics);
    let attributes: Vec<_> = conditions(&item.attrs).collect();
    let note = format!("What is called on `dyn {}`: each `async fn` with its future in a box.", item.ident);
    let declarations = methods().map(|Method { callable, conditions, .. }| {
        let signature = boxed_signature(callable, generics);
        quote!(#(#conditions)* #[doc(hidden)] #signature;)
    });
    let declaration = quote! {
        #(#attributes)*
        #[doc(hidden)]
        #[doc = #note]
        #[allow(
            clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction, dead_code, single_use_lifetimes,
            unreachable_pub, unused_qualifications,
        )]
        #visibility trait #name #generics {
            #(#declarations)*
        }
    };
    let mut all = generics.clone();
    all.type_params_mut().for_each(|parameter| parameter.default = None);
    all.params.push(parse_quote!(__Boxing: #trait_path));
    let (all, _, bounds) = all.split_for_impl();
    let bodies = methods().map(|Method { callable, conditions, .. }| {
        let signature = boxed_signature(callable, generics);
        let (ident, (_, passed)) = (&callable.ident, parameters(callable));
        let this = callable.receiver.as_ref().map(Receiver::token);
        quote! {
            #(#conditions)*
            #signature {
                ::std::boxed::Box::pin(<__Boxing as #trait_path>::#ident(#this, #passed))
            }
        }
    });
    let implementation = quote! {
        #[automatically_derived]
        impl #all #boxed_path for __Boxing #bounds {
            #(#bodies)*
        }
    };
    item.colon_token.get_or_insert_default();
    item.supertraits.push(parse_quote!(#boxed_path));
    (declaration, implementation)
}

/// Whether a method can be called on a trait object: one that takes `self` cannot.
fn has_boxed(callable: &Callable) -> bool {
    callable.future.is_some() && !matches!(callable.receiver, Some(Receiver::Value(_)) | None)
}

fn boxed_name(callable: &Callable) -> Ident {
    format_ident!("{}_boxed", callable.ident)
}

fn boxed_trait(trait_name: &Ident) -> Ident {
    format_ident!("__{trait_name}Boxed")
}

/// `fn fetch_boxed(&self, …) -> Pin<Box<dyn Future<Output = …>>>`, where the future borrows all that it is given.
fn boxed_signature(callable: &Callable, of_trait: &Generics) -> TokenStream {
    let Callable { receiver, result, .. } = callable;
    let name = boxed_name(callable);
    let bound = callable.future.map(Runs::bound);
    let (declared, _) = parameters(callable);
    let all = Lifetime::new("'__future", Span::call_site());
    let mut generics = callable.generics.clone();
    for lifetime in generics.lifetimes_mut() {
        lifetime.bounds.push(all.clone());
        lifetime.colon_token.get_or_insert_default();
    }
    generics.params.insert(0, parse_quote!(#all));
    let bounds = &mut generics.make_where_clause().predicates;
    bounds.push(parse_quote!(Self: #all));
    for parameter in of_trait.type_params() {
        let ident = &parameter.ident;
        bounds.push(parse_quote!(#ident: #all));
    }
    let (generics, _, bounds) = generics.split_for_impl();
    quote! {
        fn #name #generics (#receiver, #declared) -> ::core::pin::Pin<
            ::std::boxed::Box<dyn ::core::future::Future<Output = #result> #bound + #all>,
        > #bounds
    }
}

/// The header of a method that returns a future, of an implementation that this macro writes.
fn header(callable: &Callable, runs: Runs) -> TokenStream {
    let Callable { ident, receiver, result, .. } = callable;
    let (generics, bounds) = callable.lifetime_generics();
    let (declared, _) = parameters(callable);
    let bound = runs.bound();
    quote! {
        fn #ident #generics (#receiver, #declared) -> impl ::core::future::Future<Output = #result> #bound #bounds
    }
}

/// A method of an object that its own library knows as a trait object only.
pub(super) fn erased(interface: &Interface, method: &Method, runs: Runs) -> TokenStream {
    let Method { callable, conditions, since: _, lint_levels: _ } = method;
    let Callable { receiver: Some(receiver), result, .. } = callable else {
        return TokenStream::new();
    };
    let (this, (_, passed)) = (receiver.token(), parameters(callable));
    let object = match receiver {
        Receiver::Shared(..) => quote!(get(#this)),
        Receiver::Mutable(..) => quote!(get_mut(#this)),
        Receiver::Boxed(_) => quote!(into_boxed(*#this)),
        Receiver::Value(_) => quote!(refuse_to_move(#this)),
    };
    let object = quote!(::plugin_core::__private::Erased::#object);
    let body = if has_boxed(callable) {
        let (name, boxed) = (boxed_name(callable), boxed_trait(&interface.item.ident));
        let (_, arguments, _) = interface.item.generics.split_for_impl();
        quote! {
            let future = <__Held as #boxed #arguments>::#name(#object, #passed);
            // SAFETY: it becomes this method's `impl Future`, which borrows all that the method is given.
            unsafe { ::plugin_core::__private::Boxed::<#result, ::plugin_core::__private::#runs>::new(future) }
        }
    } else {
        quote!(async move { let output: #result = #object; output })
    };
    let header = header(callable, runs);
    quote! {
        #(#conditions)*
        #header {
            #body
        }
    }
}

/// A method of an object that another library made.
pub(super) fn proxy(
    trait_path: &TokenStream,
    place: &TokenStream,
    method: &Method,
    runs: Runs,
) -> TokenStream {
    let Method { callable, conditions, since, lint_levels } = method;
    let Callable { receiver: Some(receiver), result, .. } = callable else {
        return TokenStream::new();
    };
    let header = header(callable, runs);
    let outcome = callable.outcome();
    let types = callable.abi_types();
    let (_, passed) = parameters(callable);
    let given = callable.given();
    let (instance, data) = table::instance(trait_path, receiver);
    // Names that the default below does not see.
    let table = Ident::new("table", Span::mixed_site());
    let future = quote!(future);
    let (default, future) = match since {
        None => (TokenStream::new(), future),
        Some((_, body)) => {
            let bound = callable
                .parameters
                .iter()
                .map(|Parameter { pattern, ident, .. }| quote!(let #pattern = #ident;));
            let body = block(&result.to_token_stream(), body);
            let default = quote! {
                if #table.length() <= #place {
                    #(#bound)*
                    return ::plugin_core::__private::Either::Default(#body);
                }
            };
            (default, quote!(::plugin_core::__private::Either::Foreign(#future)))
        }
    };
    quote! {
        #(#conditions)*
        #(#lint_levels)*
        #header {
            let #table = ::plugin_core::Instance::vtable::<dyn #trait_path>(#instance);
            #default
            // SAFETY: the table was found to fit this trait's description, which has this method at this place, with this
            // signature; a method that a shorter table lacks went to its default above.
            let entry: unsafe extern "C" fn(*mut ::core::ffi::c_void, #(#types),*) -> #outcome =
                unsafe { #table.slot(#place).restore() };
            let object = ::plugin_core::Instance::#data;
            #given
            // SAFETY: the entry came with the object, which is given as its method takes it; it gets its arguments as they
            // were sent.
            let outcome = unsafe { entry(object, #passed) };
            // SAFETY: the description says that the output is of this type. The future becomes this method's `impl Future`,
            // which borrows all that the method is given.
            let future = unsafe {
                ::plugin_core::__private::ForeignFuture::<#result, ::plugin_core::__private::#runs>::new(
                    outcome,
                    |panic| {
                        #[allow(unused_imports)]
                        use ::plugin_core::__private::Resume as _;
                        ::plugin_core::__private::Recovery::<#result>::new().recover(panic)
                    },
                )
            };
            #future
        }
    }
}

/// A body for a method of a trait with mistakes, which is never run.
pub(super) fn unreachable(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Type(_, ty) if matches!(**ty, Type::ImplTrait(_)) => {
            quote!(async move { ::core::unreachable!() })
        }
        _ => quote!(::core::unreachable!()),
    }
}
