//! `#[plugin_interface]`.

mod expand;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemTrait;

use crate::{errors::Errors, signature::Callable};

/// A trait that has been parsed and checked.
struct Interface {
    id: TokenStream,
    version: TokenStream,
    /// The trait as the user gets it: without our helper attributes.
    item: ItemTrait,
    supers: Vec<syn::Path>,
    is_send: bool,
    is_sync: bool,
    methods: Vec<Method>,
}

struct Method {
    callable: Callable,
    /// The version that added it, with the default for older plugins.
    since: Option<(String, syn::Block)>,
}

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = parse::interface(arguments, item.clone(), &mut errors);
    match (errors.into_tokens(), parsed) {
        (None, Some(interface)) => expand::interface(&interface),
        (Some(errors), Some(Interface { item, .. })) => quote!(#item #errors),
        (errors, None) => quote!(#item #errors),
    }
}
