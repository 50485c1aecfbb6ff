//! `link!(crate, …)`: the plugins of other crates, compiled into this one.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, Token, ext::IdentExt, parse::Parser, punctuated::Punctuated};

use crate::errors::Errors;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = Punctuated::<Ident, Token![,]>::parse_terminated.parse2(input).map_err(|error| {
        syn::Error::new(
            error.span(),
            format!("{error}; write `link!(greeter, codec_lz4)`, with the names of crates that are plugins"),
        )
    });
    let crates: Vec<Ident> = errors.take(parsed).into_iter().flatten().collect();
    let mut seen = HashSet::new();
    for name in crates.iter().filter(|name| !seen.insert(name.unraw())) {
        errors.at(name, format_args!("`{name}` is linked already: name each plugin once"));
    }
    // Several errors are no expression, but statements of one.
    if let Some(errors) = errors.into_tokens() {
        return quote!({ #errors });
    }
    let plugins = crates.iter().map(plugin);
    quote! {
        ::plugin_host::Linked::new({
            static PLUGINS: &[::plugin_host::__private::LinkedPlugin] = &[#(#plugins),*];
            PLUGINS
        })
    }
}

/// What is wrong with the crate is reported at its name.
fn plugin(name: &Ident) -> TokenStream {
    let here = Span::call_site().located_at(name.span());
    let marked = quote_spanned!(here=> ::#name::__marked_with_export_plugin!);
    let shown = name.unraw().to_string();
    quote! {
        #marked(::plugin_host::__linked_plugin).named(#shown)
    }
}
