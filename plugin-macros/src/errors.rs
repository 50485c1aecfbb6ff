//! Mistakes, collected so that all of them are reported at once.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Error;

/// The mistakes found so far, each at its token.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Notes a mistake at `tokens`; `message` says what to write instead.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl core::fmt::Display) {
        self.push(Error::new_spanned(tokens, message));
    }

    /// Notes an error of `syn`.
    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    /// Whether nothing was noted.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The value of a step, or `None` and its mistake noted.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// `compile_error!` for each mistake, if there was one.
    pub(crate) fn into_tokens(self) -> Option<TokenStream> {
        self.0.map(|error| error.to_compile_error())
    }
}
