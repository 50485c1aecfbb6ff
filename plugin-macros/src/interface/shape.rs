//! The trait as generated code names it, with its generic parameters.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{GenericParam, Generics, Ident, parse_quote};

use super::Interface;
use crate::generics::names;

/// A trait and its parameters, for the header of an `impl`.
pub(super) struct Shape<'a> {
    ident: &'a Ident,
    /// The trait's parameters, each of which crosses by value.
    generics: Generics,
}

impl<'a> Shape<'a> {
    pub(super) fn of(interface: &'a Interface) -> Self {
        Self { ident: &interface.item.ident, generics: crossing(&interface.item.generics) }
    }

    pub(super) const fn is_generic(&self) -> bool {
        self.generics.lt_token.is_some()
    }

    /// `Store<K, V>`.
    pub(super) fn path(&self) -> TokenStream {
        let (_, arguments, _) = self.generics.split_for_impl();
        let ident = self.ident;
        quote!(#ident #arguments)
    }

    /// The parameters in angle brackets, with `extra` ones, and the bounds.
    pub(super) fn parameters(&self, extra: &[GenericParam]) -> (TokenStream, TokenStream) {
        let mut generics = self.generics.clone();
        for parameter in extra {
            let place = match parameter {
                GenericParam::Lifetime(_) => generics.lifetimes().count(),
                GenericParam::Type(_) | GenericParam::Const(_) => generics.params.len(),
            };
            generics.params.insert(place, parameter.clone());
        }
        let (parameters, _, bounds) = generics.split_for_impl();
        (parameters.to_token_stream(), bounds.to_token_stream())
    }

    /// The parameters without bounds, to pass on: `K, V,`.
    pub(super) fn passed(&self) -> TokenStream {
        let names = names(&self.generics);
        quote!(#(#names,)*)
    }

    /// A type that mentions every parameter.
    pub(super) fn mention(&self) -> TokenStream {
        let names = self.generics.type_params().map(|parameter| &parameter.ident);
        quote!((#(#names,)*))
    }

    /// The description of each parameter.
    pub(super) fn arguments(&self) -> TokenStream {
        let arguments = self.generics.params.iter().map(|parameter| match parameter {
            GenericParam::Type(ty) => {
                let ident = &ty.ident;
                quote!(::plugin_core::Argument::Type(
                    <<#ident as ::plugin_core::__private::Crossing>::Abi as ::plugin_core::StableLayout>::TYPE_LAYOUT
                ))
            }
            GenericParam::Const(constant) => {
                let ident = &constant.ident;
                quote!(::plugin_core::Argument::Const(#ident as i128))
            }
            GenericParam::Lifetime(_) => TokenStream::new(),
        });
        quote!(&[#(#arguments),*])
    }
}

/// The parameters of a trait, each of which crosses by value.
pub(super) fn crossing(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.default = None;
        parameter.bounds.push(parse_quote!(::plugin_core::__private::Crossing));
        parameter.bounds.push(parse_quote!('static));
    }
    generics
}
