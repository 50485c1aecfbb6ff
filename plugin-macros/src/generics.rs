//! Generic parameters in generated code.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{GenericParam, Generics};

/// The parameters without bounds, as they are passed on.
pub(crate) fn names(generics: &Generics) -> impl Iterator<Item = TokenStream> {
    generics.params.iter().map(|parameter| match parameter {
        GenericParam::Lifetime(lifetime) => lifetime.lifetime.to_token_stream(),
        GenericParam::Type(ty) => ty.ident.to_token_stream(),
        GenericParam::Const(constant) => constant.ident.to_token_stream(),
    })
}
