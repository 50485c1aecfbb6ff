//! Conversions of types that grow: into blocks on the heap, and out of them field by field.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Ident, Index, ext::IdentExt};

use super::{
    Field, Model, Unknown, Variant,
    expand::{Converted, Parts, received},
};
use crate::layout::{
    self, Shape,
    expand::description,
    payload::{mirror_name, mirror_type},
};

/// A struct: its mirror is its block.
pub(super) fn structure(model: &Model, fields: &[Field]) -> Parts {
    let mirror = &model.mirror;
    let name = &mirror.name;
    let (parameters, arguments, where_clause) = model.generics.split_for_impl();
    let types = mirror.shape.fields().map(|field| &field.ty);
    let abi = quote!(::plugin_core::__private::GrownStruct<#name #arguments>);
    let layout = description(mirror, &abi);
    let (items, described) = (layout.items, growing(model, &layout.layout));
    let block = block(model, &quote!(#name #arguments), mirror.shape.fields());
    let converted = Converted::of(fields);
    let (pattern, given) = (converted.pattern(&quote!(Self)), converted.given());
    let taken = taken(fields, &quote!(Self));
    let (block_fields, received) = (block_fields(), received());
    Parts {
        items: quote! {
            #items
            #[repr(C)]
            pub struct #name #parameters (::plugin_core::__private::Head, #(#types),*) #where_clause;
            #block
            #described
        },
        abi,
        into: quote! {
            let #pattern = self;
            ::plugin_core::__private::GrownStruct::new(|head| #name(head, #(#given),*))
        },
        from: quote! {
            let mut #block_fields = #received.open();
            #taken
        },
    }
}

/// An enum: each variant has a block of its own, and the mirror stands for them all.
pub(super) fn enumeration(model: &Model, variants: &[Variant], unknown: &Unknown) -> Parts {
    let mirror = &model.mirror;
    let name = &mirror.name;
    let (parameters, arguments, where_clause) = model.generics.split_for_impl();
    let used = layout::payload::all_used(&model.generics);
    let abi = quote!(::plugin_core::__private::GrownEnum<#name #arguments>);
    let layout = description(mirror, &abi);
    let (items, described) = (layout.items, growing(model, &layout.layout));
    let mirrored: &[layout::Variant] = match &mirror.shape {
        Shape::Enum { repr: _, variants } => variants,
        Shape::Struct(_) => &[],
    };
    let with_fields = mirrored.iter().filter(|variant| !variant.fields.is_empty());
    let blocks =
        with_fields.map(|variant| block(model, &mirror_type(mirror, variant), variant.fields.iter()));
    let (mut into, mut from) = (TokenStream::new(), TokenStream::new());
    for (place, (variant, mirrored)) in (0_u32..).zip(variants.iter().zip(mirrored)) {
        let arms = arms(model, place, variant, mirrored);
        into.extend(arms.0);
        from.extend(arms.1);
    }
    let (unknown_into, unknown_from) = unknown_arms(unknown);
    let received = received();
    Parts {
        items: quote! {
            #items
            pub struct #name #parameters (#used) #where_clause;
            #(#blocks)*
            #described
        },
        abi,
        into: quote!(match self { #into #unknown_into }),
        from: quote!(match #received.place() { #from #unknown_from }),
    }
}

fn arms(
    model: &Model,
    place: u32,
    Variant { name, fields }: &Variant,
    mirrored: &layout::Variant,
) -> (TokenStream, TokenStream) {
    let text = name.unraw().to_string();
    let kind = quote!(const { &::plugin_core::__private::VariantKind::new(#place, #text) });
    let own = quote!(Self::#name);
    let converted = Converted::of(fields);
    let pattern = converted.pattern(&own);
    if fields.is_empty() {
        return (
            quote!(#pattern => ::plugin_core::__private::GrownEnum::unit(#kind),),
            quote!(#place => #own {},),
        );
    }
    let (given, taken, payload) = (converted.given(), taken(fields, &own), mirror_name(mirrored));
    let block = mirror_type(&model.mirror, mirrored);
    let (block_fields, received) = (block_fields(), received());
    (
        quote! {
            #pattern => ::plugin_core::__private::GrownEnum::with(
                #kind,
                |head| #payload(head, #(#given,)* ::core::marker::PhantomData),
            ),
        },
        quote! {
            #place => {
                // SAFETY: the block of the variant at this place, by the description, which the sender's was found to fit.
                let mut #block_fields = unsafe { #received.open::<#block>() };
                #taken
            }
        },
    )
}

fn unknown_arms(Unknown { name, holds_name }: &Unknown) -> (TokenStream, TokenStream) {
    let (text, received) = (name.unraw().to_string(), received());
    let kind = quote!(const { &::plugin_core::__private::VariantKind::unknown(#text) });
    match holds_name {
        None => (
            quote!(Self::#name {} => ::plugin_core::__private::GrownEnum::unit(#kind),),
            quote!(_ => Self::#name {},),
        ),
        Some(member) => (
            quote! {
                Self::#name { #member: name } => ::plugin_core::__private::GrownEnum::named(#kind, name),
            },
            quote!(_ => Self::#name { #member: #received.into_name() },),
        ),
    }
}

/// Takes a value out of its block: first what was sent and what it lacks, then the block is freed.
fn taken(fields: &[Field], own: &TokenStream) -> TokenStream {
    let block = block_fields();
    let values = fields.iter().map(|Field { member, ty, default }| match default {
        None => quote! {
            // SAFETY: the next field of the block is the FFI-safe form of this type.
            #member: unsafe { #block.required::<#ty>() }
        },
        Some(default) => quote! {
            // SAFETY: as above.
            #member: unsafe { #block.next::<#ty>() }.unwrap_or_else(|| #default)
        },
    });
    quote! {
        let value = #own { #(#values),* };
        ::core::mem::drop(#block);
        value
    }
}

/// The variable for the fields of a block, which a default cannot mean.
fn block_fields() -> Ident {
    Ident::new("fields", Span::mixed_site())
}

/// The fields of a block, for the side that drops them.
fn block<'a>(
    model: &Model,
    block: &TokenStream,
    fields: impl Iterator<Item = &'a layout::Field>,
) -> TokenStream {
    let (parameters, _, where_clause) = model.generics.split_for_impl();
    let fields = fields.enumerate().map(|(place, field)| {
        let (ty, place) = (&field.ty, Index::from(place + 1));
        quote!(::plugin_core::__private::BlockField::of::<#ty>(::core::mem::offset_of!(Self, #place)))
    });
    quote! {
        // SAFETY: `repr(C)`, the head first; then these fields, and at most a `PhantomData`.
        #[automatically_derived]
        unsafe impl #parameters ::plugin_core::__private::Block for #block #where_clause {
            const FIELDS: &'static [::plugin_core::__private::BlockField] = &[#(#fields),*];
        }
    }
}

/// The description.
fn growing(model: &Model, layout: &TokenStream) -> TokenStream {
    let name = model.mirror.name.to_token_stream();
    let (parameters, arguments, where_clause) = model.generics.split_for_impl();
    quote! {
        // SAFETY: the description has every field of the blocks, by name, type and place, and says that the type grows.
        #[automatically_derived]
        unsafe impl #parameters ::plugin_core::__private::Growing for #name #arguments #where_clause {
            const LAYOUT: &'static ::plugin_core::TypeLayout = &#layout;
        }
    }
}
