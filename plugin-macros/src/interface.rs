//! `#[plugin_interface]`.

mod expand;
mod parse;
mod stand_in;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, ItemTrait};

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
    /// `#[allow(…)]` on the method, for the default.
    lint_levels: Vec<Attribute>,
}

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = parse::interface(arguments, item.clone(), &mut errors);
    match (errors.into_tokens(), parsed) {
        (None, Some(interface)) => expand::interface(&interface),
        (Some(errors), Some(interface)) => {
            let item = &interface.item;
            let stand_in = stand_in::interface(&interface);
            quote!(#item #errors #stand_in)
        }
        (errors, None) => quote!(#item #errors),
    }
}
