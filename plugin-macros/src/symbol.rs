//! `symbol!(plugin, name: fn(…) -> …)`: a lookup by a signature that may have references.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Expr, Ident, Signature, Token, TypeFnPtr,
    parse::{Parse, ParseStream},
};

use crate::{
    errors::Errors,
    signature::{self, Around, Callable, Parameter},
};

struct Symbol {
    plugin: Expr,
    name: Ident,
    pointer: TypeFnPtr,
}

impl Parse for Symbol {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let plugin = input.parse()?;
        input.parse::<Token![,]>()?;
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let pointer = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        Ok(Self { plugin, name, pointer })
    }
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = errors.take(syn::parse2::<Symbol>(input).map_err(|error| {
        syn::Error::new(
            error.span(),
            format!("{error}; write `symbol!(plugin, name: fn(text: &str) -> String)`"),
        )
    }));
    let tokens = parsed.and_then(|symbol| {
        let signature = as_signature(&symbol, &mut errors)?;
        signature::check_elided(&signature, &mut errors);
        let around = Around { core: quote!(::plugin_host::__private::plugin_core), ..Around::nothing() };
        let callable = signature::parse(&around, &signature, &mut errors)?;
        Some(lookup(&symbol.plugin, &callable))
    });
    // Several errors are no expression, but statements of one.
    let errors = errors.into_tokens().map(|errors| quote!({ #errors }));
    errors.or(tokens).unwrap_or_default()
}

/// The function pointer's type as the signature of a function of that name.
fn as_signature(Symbol { plugin: _, name, pointer }: &Symbol, errors: &mut Errors) -> Option<Signature> {
    if let Some(token) = &pointer.unsafety {
        errors.at(
            token,
            "look up an unsafe function with `lookup_fn::<unsafe fn(…) -> …>`, which returns an unsafe call",
        );
    }
    if let Some(abi) = &pointer.abi {
        errors.at(abi, "exported functions are ordinary Rust functions: remove `extern`");
    }
    if let Some(variadic) = &pointer.variadic {
        errors.at(variadic, "C variadics do not cross the boundary: take a slice");
    }
    let lifetimes = &pointer.lifetimes.as_ref().map(|bound| {
        let lifetimes = &bound.lifetimes;
        quote!(<#lifetimes>)
    });
    let inputs = pointer.inputs.iter().map(|argument| {
        let name = match &argument.name {
            Some((name, _)) => name.to_token_stream(),
            None => quote!(_),
        };
        let ty = &argument.ty;
        quote!(#name: #ty)
    });
    let output = &pointer.output;
    errors.take(syn::parse2(quote!(fn #name #lifetimes(#(#inputs),*) #output)))
}

fn lookup(plugin: &Expr, callable: &Callable) -> TokenStream {
    let Callable { core, parameters, result, generics, lifetimes, .. } = callable;
    let name = callable.name();
    let (declared, bounds) = callable.lifetime_generics();
    let lifetime_names: Vec<_> = generics.lifetimes().map(|parameter| &parameter.lifetime).collect();
    let arguments: Vec<_> = callable.argument_idents().collect();
    let types: Vec<_> = parameters.iter().map(|Parameter { ty, .. }| ty).collect();
    let layout = callable.layout();
    let closures = callable.closures();
    let call = callable.call(quote!(slot), None);
    let lifetimes_shown = callable.shown_lifetimes();
    quote! {{
        #closures
        #lifetimes_shown
        #[allow(clippy::all, clippy::pedantic, clippy::nursery, clippy::undocumented_unsafe_blocks, unused_qualifications, improper_ctypes_definitions)]
        fn __bind(
            slot: #core::__private::Slot,
        ) -> impl for<#(#lifetime_names),*> ::core::ops::Fn(#(#types),*) -> #result + ::core::marker::Copy + ::core::marker::Send + ::core::marker::Sync + 'static
        {
            fn call #declared (slot: #core::__private::Slot, #(#arguments: #types),*) -> #result #bounds {
                #call
            }
            move |#(#arguments),*| call(slot, #(#arguments),*)
        }
        const __EXPECTED: &[#core::descriptor::SymbolLayout] = &[#core::descriptor::SymbolLayout {
            name: #name,
            kind: #core::descriptor::SymbolKind::Function,
            lifetimes: #lifetimes,
            layout: #layout,
        }];
        ::plugin_host::__private::entry_of(&#plugin, #name, __EXPECTED, const { __EXPECTED[0].fingerprint() }).map(__bind)
    }}
}
