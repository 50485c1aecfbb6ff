//! The insides of enum variants, which `offset_of!` does not reach.
//!
//! An enum with a primitive representation is a union of `#[repr(C)]` structs, one for each variant, whose first field
//! is the tag ([RFC 2195](https://rust-lang.github.io/rfcs/2195-really-tagged-unions.html)). The same structs, written
//! out, have the same offsets.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Generics, Ident, visit_mut::VisitMut};

use super::{Model, Variant, recursion::SpellOut};

/// The struct that a variant is laid out as, behind its tag.
pub(crate) fn mirror(model: &Model, tag: &TokenStream, variant: &Variant) -> TokenStream {
    let mut spell_out = SpellOut::new(&model.name, &model.generics);
    let mut generics = model.generics.clone();
    spell_out.visit_generics_mut(&mut generics);
    let fields = variant.fields.iter().map(|field| {
        let mut ty = field.ty.clone();
        spell_out.visit_type_mut(&mut ty);
        ty
    });
    let name = mirror_name(variant);
    let unused = all_used(&generics);
    let (parameters, _, where_clause) = generics.split_for_impl();
    quote! {
        #[repr(C)]
        struct #name #parameters (#tag, #(#fields,)* #unused) #where_clause;
    }
}

/// The type of [`mirror`] within the implementation for the enum.
pub(crate) fn mirror_type(model: &Model, variant: &Variant) -> TokenStream {
    let name = mirror_name(variant);
    let (_, arguments, _) = model.generics.split_for_impl();
    quote!(#name #arguments)
}

/// The index of a payload's field behind the tag.
pub(crate) fn index_in_mirror(index: usize) -> syn::Index {
    syn::Index::from(index + 1)
}

pub(crate) fn mirror_name(variant: &Variant) -> Ident {
    format_ident!("__Payload{}", variant.name)
}

/// A field that uses every parameter and disturbs nothing: no bytes, alignment 1.
pub(crate) fn all_used(generics: &Generics) -> TokenStream {
    let lifetimes = generics.lifetimes().map(|parameter| &parameter.lifetime);
    let types = generics.type_params().map(|parameter| &parameter.ident);
    quote!(::core::marker::PhantomData<fn() -> (#(&#lifetimes (),)* #(*const #types,)*)>)
}
