//! Declares the mirror, and converts.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Generics, Ident, parse_quote};

use super::{Body, Field, Model, Variant};
use crate::{
    layout::{
        Shape,
        expand::{Description, bounded, description, enclosed, implementation},
    },
    signature::of_type,
};

pub(super) fn model(model: &Model) -> TokenStream {
    let Model { name, generics, body, mirror } = model;
    let Description { items, layout } = description(mirror);
    let declared = declare(model);
    let described = implementation(&mirror.name, generics, &layout);
    let Conversion { into, from } = match body {
        Body::Struct(fields) => Converted::of(fields).arms(&quote!(Self), &mirror.name.to_token_stream()),
        Body::Enum(variants) => Conversion::of_all(variants, &mirror.name),
    };
    let (parameters, arguments, where_clause) = generics.split_for_impl();
    let abi = &mirror.name;
    enclosed(
        &mirror.lint_levels,
        &quote! {
            #items
            #declared
            #described
            // SAFETY: the mirror has the FFI-safe form of every field, each of which means the same where it has the same
            // layout; both conversions go field by field.
            #[automatically_derived]
            unsafe impl #parameters ::plugin_core::__private::Crossing for #name #arguments #where_clause {
                type Abi = #abi #arguments;

                #[inline]
                fn into_abi(self) -> Self::Abi {
                    match self { #into }
                }

                #[inline]
                unsafe fn from_abi(abi: Self::Abi) -> Self {
                    match abi { #from }
                }
            }
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

/// The arms of the two conversions.
struct Conversion {
    into: TokenStream,
    from: TokenStream,
}

impl Conversion {
    fn of_all(variants: &[Variant], mirror: &Ident) -> Self {
        let arms = variants.iter().map(|Variant { name, fields }| {
            Converted::of(fields).arms(&quote!(Self::#name), &quote!(#mirror::#name))
        });
        let (mut into, mut from) = (TokenStream::new(), TokenStream::new());
        for arm in arms {
            into.extend(arm.into);
            from.extend(arm.from);
        }
        Self { into, from }
    }
}

/// The fields of a struct or a variant, with a name for the value of each.
struct Converted<'a> {
    fields: &'a [Field],
    values: Vec<Ident>,
}

impl<'a> Converted<'a> {
    fn of(fields: &'a [Field]) -> Self {
        let value = |place| format_ident!("value_{place}", span = Span::mixed_site());
        Self { fields, values: (0..fields.len()).map(value).collect() }
    }

    fn arms(&self, own: &TokenStream, mirror: &TokenStream) -> Conversion {
        let Self { fields, values } = self;
        let members = || fields.iter().map(|field| &field.member);
        let (bound, built) = (members(), members());
        let given = self.each("into_abi");
        let taken = self.each("from_abi");
        Conversion {
            into: quote! {
                #own { #(#bound: #values),* } => #mirror(#(#given),*),
            },
            from: quote! {
                #mirror(#(#values),*) => #own {
                    // SAFETY: the caller's promise covers every field, which this very type's `into_abi` converted.
                    #(#built: unsafe { #taken },)*
                },
            },
        }
    }

    fn each(&self, conversion: &str) -> impl Iterator<Item = TokenStream> {
        self.fields.iter().zip(&self.values).map(move |(Field { member: _, ty }, value)| {
            let value = Some(value.to_token_stream());
            of_type(&quote!(::plugin_core), ty, &quote!(Crossing), value, conversion)
        })
    }
}
