//! Signatures of `async fn`: a future crosses in place of the result, and keeps the arguments.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use super::{Callable, objects, of_type, types};
use crate::{
    errors::Errors,
    spans::{ends, located},
};

/// Where the future of an `async fn` may run.
#[derive(Clone, Copy)]
pub(crate) enum Runs {
    /// On any thread, because the trait is `Send`.
    Anywhere,
    /// On the thread that made it.
    Here,
}

impl Runs {
    /// The bound on a future.
    pub(crate) fn bound(self) -> TokenStream {
        match self {
            Self::Anywhere => quote!(+ ::core::marker::Send),
            Self::Here => TokenStream::new(),
        }
    }
}

/// The marker type, by its name.
impl ToTokens for Runs {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Anywhere => quote!(Anywhere),
            Self::Here => quote!(Here),
        });
    }
}

/// Checks that an argument is not lent for the time of the call alone.
pub(super) fn check_argument(ty: &Type, errors: &mut Errors) {
    if objects::lent(ty).is_some() {
        errors.at(
            ty,
            "this is lent for the time of the call, and the future goes on after it: take it in an `Arc` or a `Box`",
        );
    } else if let Some(name) = types::lent_collection(ty) {
        errors.at(
            ty,
            format!(
                "`&mut {name}` is lent for the time of the call, and the future goes on after it: take the `{name}` by value and return it, or use `&mut plugin_core::abi::{}`",
                types::in_place(&name)
            ),
        );
    }
}

impl Callable {
    /// The type of a future whose output's FFI-safe form is `value`.
    pub(super) fn raw_future(
        &self,
        core: &TokenStream,
        ty: &Type,
        value: &TokenStream,
        runs: Runs,
    ) -> TokenStream {
        let (start, end) = ends(ty);
        let core = located(core.clone(), start);
        let close = located(quote!(, #core::__private::#runs>), end);
        quote_spanned!(start=> #core::__private::RawFuture<#value #close)
    }

    /// In an entry: takes the arguments for good, and boxes the future that `call` returns.
    pub(super) fn start(&self, call: TokenStream) -> TokenStream {
        let core = &self.core;
        let taken = self.parameters.iter().map(|parameter| {
            let ident = &parameter.ident;
            let sent = Some(ident.to_token_stream());
            let taken = of_type(core, parameter.crossing(), &quote!(Crossing), sent, "from_abi");
            quote! {
                // SAFETY: the other side calls this entry only after it found the description of this very signature to be
                // its own, so it sent the argument as this type, and what that borrows outlives the future.
                let #ident = unsafe { #taken };
            }
        });
        quote! {{
            #(#taken)*
            #core::__private::RawFuture::new(#call)
        }}
    }

    /// In a proxy: the arguments in their FFI-safe forms, under their names.
    pub(crate) fn given(&self) -> TokenStream {
        let given = self.parameters.iter().map(|parameter| {
            let (ident, given) = (&parameter.ident, Some(parameter.given()));
            let given = of_type(&self.core, parameter.crossing(), &quote!(Crossing), given, "into_abi");
            quote!(let #ident = #given;)
        });
        quote!(#(#given)*)
    }
}
