//! The stages of a derive, which are the same for each.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{DeriveInput, Generics};

use crate::errors::Errors;

/// Reads the item, models it, and expands the model; an item with mistakes gets them reported, and a stand-in.
pub(crate) fn expand<M>(
    input: TokenStream,
    model: impl FnOnce(DeriveInput, &mut Errors) -> Option<M>,
    expand: impl FnOnce(&M) -> TokenStream,
    stand_in: impl FnOnce(&Ident, &Generics) -> TokenStream,
) -> TokenStream {
    let mut errors = Errors::default();
    let Some(input) = errors.take(syn::parse2::<DeriveInput>(input)) else {
        return errors.into_tokens().unwrap_or_default();
    };
    let (name, generics) = (input.ident.clone(), input.generics.clone());
    let model = model(input, &mut errors);
    match (errors.into_tokens(), model) {
        (None, Some(model)) => expand(&model),
        (errors, _) => {
            let stand_in = stand_in(&name, &generics);
            quote!(#errors #stand_in)
        }
    }
}
