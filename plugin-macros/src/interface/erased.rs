//! The trait for objects that their own library knows as a trait object only: each method goes to the trait object.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse_quote;

use super::{Interface, Method, asynchronous, shape::Shape, table::parameters};
use crate::signature::Receiver;

pub(super) fn expand(interface: &Interface) -> TokenStream {
    let shape = Shape::of(interface);
    let trait_path = shape.path();
    let (generics, bounds) = shape.parameters(&[parse_quote!(__Held: ?Sized + #trait_path)]);
    let methods = interface.methods.iter().map(|method| match method.callable.future {
        Some(runs) => asynchronous::erased(interface, method, runs),
        None => forward(&trait_path, method),
    });
    quote! {
        #[automatically_derived]
        impl #generics #trait_path for ::plugin_core::__private::Erased<__Held> #bounds {
            #(#methods)*
        }
    }
}

fn forward(
    trait_path: &TokenStream,
    Method { callable, conditions, since: _, lint_levels: _ }: &Method,
) -> TokenStream {
    let Some(receiver) = &callable.receiver else {
        return TokenStream::new();
    };
    let (generics, bounds) = callable.lifetime_generics();
    let (declared, passed) = parameters(callable);
    let (ident, result) = (&callable.ident, &callable.result);
    let this = receiver.token();
    let object = match receiver {
        Receiver::Shared(..) => quote!(get(#this)),
        Receiver::Mutable(..) => quote!(get_mut(#this)),
        Receiver::Boxed(_) => quote!(into_boxed(*#this)),
        Receiver::Value(_) => quote!(refuse_to_move(#this)),
    };
    let object = quote!(::plugin_core::__private::Erased::#object);
    let call = match receiver {
        Receiver::Value(_) => object,
        _ => quote!(<__Held as #trait_path>::#ident(#object, #passed)),
    };
    let (keyword, call) = match callable.is_unsafe {
        // SAFETY, for whoever reads the expansion: it is the caller's promise that is passed on.
        true => (quote!(unsafe), quote!(unsafe { #call })),
        false => (TokenStream::new(), call),
    };
    quote! {
        #(#conditions)*
        #[inline]
        #keyword fn #ident #generics (#receiver, #declared) -> #result #bounds {
            #call
        }
    }
}
