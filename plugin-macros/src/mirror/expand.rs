//! Declares the mirror, and converts.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Generics, Ident, parse_quote};

use super::{Body, Field, Model, Variant, growing};
use crate::{
    layout::{
        Shape,
        expand::{Description, bounded, description, enclosed, implementation},
    },
    signature::of_type,
};

/// What differs from one kind of type to another.
pub(super) struct Parts {
    /// The mirror and what describes it.
    pub(super) items: TokenStream,
    /// The FFI-safe form of the type.
    pub(super) abi: TokenStream,
    /// From `self` to the FFI-safe form.
    pub(super) into: TokenStream,
    /// From what was [received] to the type.
    pub(super) from: TokenStream,
}

/// The variable for the FFI-safe form, which a default cannot mean.
pub(super) fn received() -> Ident {
    Ident::new("abi", Span::mixed_site())
}

pub(super) fn model(model: &Model) -> TokenStream {
    let Model { name, generics, body, mirror } = model;
    let Parts { items, abi, into, from } = match body {
        Body::Struct(fields) => {
            let arms = Converted::of(fields).arms(&quote!(Self), &mirror.name.to_token_stream());
            plain(model, [arms])
        }
        Body::Enum(variants) => {
            let mirror = &mirror.name;
            let arms = |Variant { name, fields }: &Variant| {
                Converted::of(fields).arms(&quote!(Self::#name), &quote!(#mirror::#name))
            };
            plain(model, variants.iter().map(arms))
        }
        Body::GrowingStruct(fields) => growing::structure(model, fields),
        Body::GrowingEnum { variants, unknown } => growing::enumeration(model, variants, unknown),
    };
    let (parameters, arguments, where_clause) = generics.split_for_impl();
    let (received, all) = (received(), &generics.params);
    enclosed(
        &mirror.lint_levels,
        &quote! {
            #items
            // SAFETY: the mirror has the FFI-safe form of every field, each of which means the same where it has the same
            // layout; both conversions go field by field.
            #[automatically_derived]
            unsafe impl #parameters ::plugin_core::__private::Crossing for #name #arguments #where_clause {
                type Abi = #abi;

                #[inline]
                fn into_abi(self) -> Self::Abi {
                    #into
                }

                #[inline]
                unsafe fn from_abi(#received: Self::Abi) -> Self {
                    #from
                }
            }
            ::plugin_core::boxed!([#all] #name #arguments #where_clause);
        },
    )
}

/// An implementation for a type that breaks the rules, so that its other uses are not reported as mistakes, too.
pub(super) fn stand_in(name: &Ident, generics: &Generics) -> TokenStream {
    let generics = bounded(generics, &parse_quote!(::plugin_core::__private::Crossing));
    let (parameters, arguments, where_clause) = generics.split_for_impl();
    enclosed(
        &[],
        &quote! {
            // SAFETY: never used: it stands beside a `compile_error!`.
            #[automatically_derived]
            unsafe impl #parameters ::plugin_core::__private::Crossing for #name #arguments #where_clause {
                type Abi = ();
                fn into_abi(self) {
                    ::core::unreachable!()
                }
                unsafe fn from_abi(_: ()) -> Self {
                    ::core::unreachable!()
                }
            }
        },
    )
}

/// A type that stays as it is: one arm of each conversion for a struct, one for each variant of an enum.
fn plain(model: &Model, arms: impl IntoIterator<Item = (TokenStream, TokenStream)>) -> Parts {
    let (into, from): (TokenStream, TokenStream) = arms.into_iter().unzip();
    let Description { items, layout } = description(&model.mirror, &quote!(Self));
    let name = &model.mirror.name;
    let declared = declare(model);
    let described = implementation(name, &model.generics, &layout);
    let (_, arguments, _) = model.generics.split_for_impl();
    let received = received();
    Parts {
        items: quote!(#items #declared #described),
        abi: quote!(#name #arguments),
        into: quote!(match self { #into }),
        from: quote!(match #received { #from }),
    }
}

/// The mirror: with places for names, so that no name of a field can be in the way.
fn declare(model: &Model) -> TokenStream {
    let name = &model.mirror.name;
    let (parameters, _, where_clause) = model.generics.split_for_impl();
    match &model.mirror.shape {
        Shape::Struct(fields) => {
            let types = fields.iter().map(|field| &field.ty);
            quote! {
                #[repr(C)]
                pub struct #name #parameters (#(#types),*) #where_clause;
            }
        }
        Shape::Enum { repr, variants } => {
            let variants = variants.iter().map(|variant| {
                let (name, types) = (&variant.name, variant.fields.iter().map(|field| &field.ty));
                quote!(#name(#(#types),*))
            });
            quote! {
                #[repr(#repr)]
                pub enum #name #parameters #where_clause { #(#variants),* }
            }
        }
    }
}

/// The fields of a struct or a variant, with a name for the value of each.
pub(super) struct Converted<'a> {
    fields: &'a [Field],
    values: Vec<Ident>,
}

impl<'a> Converted<'a> {
    pub(super) fn of(fields: &'a [Field]) -> Self {
        let value = |place| format_ident!("value_{place}", span = Span::mixed_site());
        Self { fields, values: (0..fields.len()).map(value).collect() }
    }

    /// Takes a value apart.
    pub(super) fn pattern(&self, own: &TokenStream) -> TokenStream {
        let Self { fields, values } = self;
        let members = fields.iter().map(|field| &field.member);
        quote!(#own { #(#members: #values),* })
    }

    /// Each value in its FFI-safe form.
    pub(super) fn given(&self) -> impl Iterator<Item = TokenStream> {
        self.each("into_abi")
    }

    fn arms(&self, own: &TokenStream, mirror: &TokenStream) -> (TokenStream, TokenStream) {
        let Self { fields, values } = self;
        let members = fields.iter().map(|field| &field.member);
        let (pattern, given, taken) = (self.pattern(own), self.given(), self.each("from_abi"));
        (
            quote!(#pattern => #mirror(#(#given),*),),
            quote! {
                #mirror(#(#values),*) => #own {
                    // SAFETY: the caller's promise covers every field, which this very type's `into_abi` converted.
                    #(#members: unsafe { #taken },)*
                },
            },
        )
    }

    fn each(&self, conversion: &str) -> impl Iterator<Item = TokenStream> {
        self.fields.iter().zip(&self.values).map(move |(field, value)| {
            let value = Some(value.to_token_stream());
            of_type(&quote!(::plugin_core), &field.ty, &quote!(Crossing), value, conversion)
        })
    }
}
