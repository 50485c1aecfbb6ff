//! Mistakes, collected so that all of them are reported at once.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
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

/// Where `tokens` begin and end: the compiler marks everything between in what is built from both. To the lints it is
/// generated code nevertheless.
pub(crate) fn ends(tokens: impl ToTokens) -> (Span, Span) {
    let (start, end) = written_ends(tokens.into_token_stream());
    (Span::call_site().located_at(start), Span::call_site().located_at(end))
}

fn written_ends(tokens: TokenStream) -> (Span, Span) {
    let mut tokens = tokens.into_iter();
    let first = tokens.next();
    let start = first.as_ref().map_or_else(Span::call_site, opening);
    let last = tokens.last().or(first);
    (start, last.as_ref().map_or_else(Span::call_site, closing))
}

fn opening(tree: &TokenTree) -> Span {
    match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => written_ends(group.stream()).0,
        TokenTree::Group(group) => group.span_open(),
        tree => tree.span(),
    }
}

fn closing(tree: &TokenTree) -> Span {
    match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => written_ends(group.stream()).1,
        TokenTree::Group(group) => group.span_close(),
        tree => tree.span(),
    }
}

/// The first two words of an item behind its attributes and visibility, such as `struct Lz4`.
pub(crate) fn keyword(item: TokenStream) -> TokenStream {
    let mut rest = item.into_iter().peekable();
    loop {
        match rest.peek() {
            Some(TokenTree::Punct(punct)) if punct.as_char() == '#' => {
                rest.nth(1);
            }
            Some(TokenTree::Ident(word)) if word == "pub" => {
                rest.next();
                rest.next_if(|next| matches!(next, TokenTree::Group(_)));
            }
            _ => break rest.take(2).collect(),
        }
    }
}

/// `tokens`, none of which is a group, as if they were written at `span`.
pub(crate) fn located(tokens: TokenStream, span: Span) -> TokenStream {
    let tokens = tokens.into_iter().map(|mut tree| {
        tree.set_span(span);
        tree
    });
    tokens.collect()
}
