//! The trait itself, for objects that another library made.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{TraitItem, parse_quote};

use super::{
    Interface, Method, asynchronous,
    shape::Shape,
    table::{instance, parameters, place},
};
use crate::{
    signature::{Callable, Parameter},
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
        match method.callable.future {
            Some(runs) => asynchronous::proxy(&trait_path, &place, method, runs),
            None => forward(&trait_path, &place, method),
        }
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
    let Callable { ident, is_unsafe, receiver, result, .. } = callable;
    let Some(receiver) = receiver else {
        return TokenStream::new();
    };
    let (generics, bounds) = callable.lifetime_generics();
    let (declared, _) = parameters(callable);
    let keyword = is_unsafe.then(|| quote!(unsafe));
    let (instance, data) = instance(trait_path, receiver);
    let call = callable.call(quote!(slot), Some(quote!(object)));
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
            // SAFETY: the table was found to fit this trait's description, which has this method at this place; one that a
            // shorter table lacks went to its default above.
            let slot = unsafe { #table.slot(#place) };
            let object = ::plugin_core::Instance::#data;
            #call
        }
    }
}

/// The default of a newer method runs here, with its own arguments.
fn default(callable: &Callable, table: &Ident, place: &TokenStream, body: &syn::Block) -> TokenStream {
    let result = &callable.result;
    let parameters =
        callable.parameters.iter().map(|Parameter { pattern, ident, .. }| quote!(let #pattern = #ident;));
    quote! {
        if #table.length() <= #place {
            return ::plugin_core::__private::absent(move || -> #result {
                #(#parameters)*
                #body
            });
        }
    }
}
