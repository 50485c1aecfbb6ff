//! The trait itself, for objects that another library made.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{TraitItem, parse_quote};

use super::{
    Interface, Method,
    shape::Shape,
    table::{parameters, place},
};
use crate::{
    signature::{Callable, Parameter, Receiver},
    spans::ends,
};

/// What every object is asked before it crosses: whether it is another library's. Only a proxy says so.
pub(super) fn question() -> TraitItem {
    parse_quote! {
        #[doc(hidden)]
        #[inline]
        fn __plugin_object(&self) -> ::core::option::Option<::plugin_core::__private::Foreign<'_>> {
            ::core::option::Option::None
        }
    }
}

pub(super) fn expand(interface: &Interface) -> TokenStream {
    let shape = Shape::of(interface);
    let trait_path = shape.path();
    let foreign = parse_quote!(__Foreign: ?Sized + ::plugin_core::Interface + #trait_path);
    let (generics, bounds) = shape.parameters(&[foreign]);
    let methods = &interface.methods;
    let forwards = methods.iter().enumerate().map(|(index, method)| {
        let place = place(methods, index);
        forward(&trait_path, &place, method)
    });
    // What it does not have of a supertrait is reported at the supertraits.
    let supers = &interface.supers;
    let (start, end) = ends(quote!(#(#supers)*));
    let close = quote_spanned!(end=> >);
    let instance = quote_spanned!(start=> ::plugin_core::Instance<__Foreign #close);
    quote! {
        #[automatically_derived]
        impl #generics #trait_path for #instance #bounds {
            #(#forwards)*

            #[inline]
            fn __plugin_object(&self) -> ::core::option::Option<::plugin_core::__private::Foreign<'_>> {
                ::core::option::Option::Some(
                    ::plugin_core::__private::Foreign::of::<dyn #trait_path, __Foreign>(self),
                )
            }
        }
    }
}

fn forward(
    trait_path: &TokenStream,
    place: &TokenStream,
    Method { callable, conditions, since, lint_levels }: &Method,
) -> TokenStream {
    let Callable { core: _, ident, is_unsafe, receiver, parameters: _, result, generics: _, lifetimes: _ } =
        callable;
    let Some(receiver) = receiver else {
        return TokenStream::new();
    };
    let (generics, bounds) = callable.lifetime_generics();
    let outcome = callable.outcome();
    let types = callable.abi_types();
    let (declared, passed) = parameters(callable);
    let keyword = is_unsafe.then(|| quote!(unsafe));
    let this = receiver.token();
    let (instance, data) = match receiver {
        Receiver::Shared(..) | Receiver::Mutable(..) => (quote!(#this), quote!(data(#this))),
        Receiver::Value(_) => (quote!(&#this), quote!(into_data(#this))),
        Receiver::Boxed(_) => (quote!(&#this), quote!(into_data(*#this))),
    };
    let call = callable.send(quote!(unsafe { entry(object, #passed) }));
    let value = callable.take(quote!(value));
    // Names that the default below does not see.
    let table = Ident::new("table", Span::mixed_site());
    let default = since.as_ref().map(|(_, body)| default(callable, &table, place, body));
    quote! {
        #(#conditions)*
        #(#lint_levels)*
        #[inline]
        #keyword fn #ident #generics (#receiver, #declared) -> #result #bounds {
            let #table = ::plugin_core::Instance::vtable::<dyn #trait_path>(#instance);
            #default
            // SAFETY: the table was found to fit this trait's description, which has this method at this place, with this
            // signature; a method that a shorter table lacks went to its default above.
            let entry: unsafe extern "C" fn(*mut ::core::ffi::c_void, #(#types),*) -> #outcome =
                unsafe { #table.slot(#place).restore() };
            let object = ::plugin_core::Instance::#data;
            // SAFETY: the entry came with the object, which is given as its method takes it; it gets its arguments as they
            // were sent, for the call. What an `unsafe` method asks for, the caller of this one answers for.
            let outcome = #call;
            match outcome.into_result() {
                // SAFETY: the entry made the value with `into_abi` of this very type: the result's, which was compared.
                ::core::result::Result::Ok(value) => unsafe { #value },
                ::core::result::Result::Err(panic) => {
                    #[allow(unused_imports)]
                    use ::plugin_core::__private::Resume as _;
                    ::plugin_core::__private::Recovery::<#result>::new().recover(panic)
                }
            }
        }
    }
}

/// The default of a newer method runs here, with its own arguments.
fn default(callable: &Callable, table: &Ident, place: &TokenStream, body: &syn::Block) -> TokenStream {
    let parameters = callable
        .parameters
        .iter()
        .map(|Parameter { name: _, pattern, ident, ty: _ }| quote!(let #pattern = #ident;));
    quote! {
        if #table.length() <= #place {
            #(#parameters)*
            return #body;
        }
    }
}
