//! Where generated code is, for messages: what the compiler finds wrong with it is reported there.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

/// `dyn Trait`.
pub(crate) fn object_type(path: &syn::Path) -> TokenStream {
    let (start, _) = ends(path);
    quote_spanned!(start=> dyn #path)
}

/// `<ty as plugin_core::Trait>::item`, reported at `place` if there is no such thing.
pub(crate) fn item_of(ty: &impl ToTokens, place: &impl ToTokens, its: &str, item: &str) -> TokenStream {
    let (start, end) = ends(place);
    let its = Ident::new(its, start);
    let item = Ident::new(item, end);
    quote_spanned!(start=> <#ty as ::plugin_core::#its>::#item)
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
