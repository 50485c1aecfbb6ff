//! Describes a model as constants.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Attribute, GenericParam, Generics, Ident, Member, Type, TypeParamBound, ext::IdentExt, parse_quote,
    spanned::Spanned,
};

use super::{
    Discriminant, Field, Model, Parameters, Shape, Variant,
    payload::{index_in_mirror, mirror, mirror_type},
};

pub(super) fn model(model: &Model) -> TokenStream {
    let Description { items, layout } = description(model, &quote!(Self));
    let generics = bounded(&model.generics, &parse_quote!(::plugin_core::StableLayout));
    let implementations = implementations(&model.name, &generics, &layout);
    enclosed(&model.lint_levels, &quote!(#items #implementations))
}

/// What describes a type.
pub(crate) struct Description {
    /// Items that the description needs beside it.
    pub(crate) items: TokenStream,
    /// A `TypeLayout`, to stand in an implementation for the type.
    pub(crate) layout: TokenStream,
}

/// Describes a model that crosses as a `whole`.
pub(crate) fn description(model: &Model, whole: &TokenStream) -> Description {
    let (mirrors, shape) = match &model.shape {
        Shape::Struct(fields) => (Vec::new(), structure(fields)),
        Shape::Enum { repr, variants } => enumeration(model, repr, variants),
    };
    let text = &model.text;
    let marker = model.marker.as_ref().map(|ident| marker(ident, model));
    let arguments = model.generics.params.iter().filter_map(|parameter| match parameter {
        GenericParam::Lifetime(_) => None,
        GenericParam::Type(parameter) => Some(type_argument(&parameter.ident, model.parameters)),
        GenericParam::Const(parameter) => Some(const_argument(&parameter.ident)),
    });
    let (lifetimes, is_transparent) = (&model.lifetimes, model.is_transparent);
    let growth = match &model.growth {
        None => quote!(::core::option::Option::None),
        Some(since) => quote!(::core::option::Option::Some(&[#(#since),*])),
    };
    let layout = quote! {
        ::plugin_core::TypeLayout::declared(
            ::plugin_core::Declaration {
                origin: ::core::env!("CARGO_CRATE_NAME"),
                lifetimes: #lifetimes,
                is_transparent: #is_transparent,
                growth: #growth,
            },
            #text,
            &[#(#arguments),*],
            ::core::mem::size_of::<#whole>(),
            ::core::mem::align_of::<#whole>(),
            #shape,
        )
    };
    Description { items: quote!(#(#mirrors)* #marker), layout }
}

/// Implementations for a type that breaks the rules, so that its other uses are not reported as mistakes, too.
pub(super) fn stand_in(name: &Ident, generics: &Generics) -> TokenStream {
    let text = name.unraw().to_string();
    let layout = quote!(::plugin_core::TypeLayout::opaque::<Self>(#text, &[]));
    let generics = bounded(generics, &parse_quote!(::plugin_core::StableLayout));
    enclosed(&[], &implementations(name, &generics, &layout))
}

pub(crate) fn enclosed(lint_levels: &[Attribute], items: &TokenStream) -> TokenStream {
    quote! {
        #(#lint_levels)*
        #[allow(dead_code, deprecated, single_use_lifetimes, trivial_bounds, unused_braces, unused_parens, clippy::all, clippy::pedantic)]
        const _: () = { #items };
    }
}

fn implementations(name: &Ident, generics: &Generics, layout: &TokenStream) -> TokenStream {
    let parameters = &generics.params;
    let (_, arguments, where_clause) = generics.split_for_impl();
    let layout = implementation(name, generics, layout);
    quote! {
        #layout
        ::plugin_core::as_is!([#parameters] #name #arguments #where_clause);
        ::plugin_core::boxed!([#parameters] #name #arguments #where_clause);
    }
}

/// The implementation of `StableLayout`.
pub(crate) fn implementation(name: &Ident, generics: &Generics, layout: &TokenStream) -> TokenStream {
    let (parameters, arguments, where_clause) = generics.split_for_impl();
    quote! {
        // SAFETY: the description has the type's crate, name, arguments, lifetimes and representation, and each field's
        // name, offset and type; size, alignment and offsets are the compiler's own.
        #[automatically_derived]
        unsafe impl #parameters ::plugin_core::StableLayout for #name #arguments #where_clause {
            const TYPE_LAYOUT: &'static ::plugin_core::TypeLayout = &#layout;
        }
    }
}

/// The parameters with the bound that all of them need, and without defaults.
pub(crate) fn bounded(generics: &Generics, bound: &TypeParamBound) -> Generics {
    let mut generics = generics.clone();
    for parameter in &mut generics.params {
        match parameter {
            GenericParam::Lifetime(_) => {}
            GenericParam::Type(parameter) => {
                parameter.default = None;
                parameter.bounds.push(bound.clone());
            }
            GenericParam::Const(parameter) => parameter.default = None,
        }
    }
    generics
}

fn structure(fields: &[Field]) -> TokenStream {
    let fields = fields.iter().map(|field| self::field(field, &quote!(Self), &field.place));
    quote!(::plugin_core::Shape::Struct(&[#(#fields),*]))
}

fn enumeration(model: &Model, repr: &Ident, variants: &[Variant]) -> (Vec<TokenStream>, TokenStream) {
    let with_payload = variants.iter().filter(|variant| !variant.fields.is_empty());
    let tag = match model.growth {
        None => quote!(::core::primitive::#repr),
        Some(_) => quote!(::plugin_core::__private::Head),
    };
    let mirrors = with_payload.map(|variant| mirror(model, &tag, variant)).collect();
    let variants = variants.iter().map(|variant| {
        let name = variant.name.unraw().to_string();
        let discriminant = discriminant(&variant.discriminant, repr);
        let mirror = mirror_type(model, variant);
        let fields = variant.fields.iter().enumerate();
        let fields = fields.map(|(index, field)| self::field(field, &mirror, &index_in_mirror(index)));
        quote! {
            ::plugin_core::Variant {
                name: #name,
                discriminant: #discriminant,
                fields: &[#(#fields),*],
            }
        }
    });
    let shape = quote! {
        ::plugin_core::Shape::Enum {
            repr: <::core::primitive::#repr as ::plugin_core::StableLayout>::TYPE_LAYOUT,
            variants: &[#(#variants),*],
        }
    };
    (mirrors, shape)
}

/// The bits: a cast to `u64` extends the sign. A constant of its own, because any expression may be in it, and the list
/// that it becomes part of is a constant only if all parts are.
fn discriminant(discriminant: &Discriminant, repr: &Ident) -> TokenStream {
    let Discriminant { base, steps } = discriminant;
    let steps = proc_macro2::Literal::usize_unsuffixed(*steps);
    let base = base.as_ref().map_or_else(|| quote!(0), ToTokens::to_token_stream);
    quote! {
        const {
            (::core::convert::identity::<::core::primitive::#repr>(#base) + #steps) as ::core::primitive::u64
        }
    }
}

/// A field at its place in `owner`, reported at its type if that has no layout.
fn field(field: &Field, owner: &TokenStream, place: &impl ToTokens) -> TokenStream {
    let Field { member, place: _, ty, cut } = field;
    let name = member_name(member);
    let span = Span::call_site().located_at(ty.span());
    let offset = quote!(::core::mem::offset_of!(#owner, #place));
    let (offset, described) = match cut {
        None => (offset, ty),
        Some(cut) => (checked(&offset, ty, cut, span), cut),
    };
    let layout = layout_of(described, span);
    quote! {
        ::plugin_core::Field { name: #name, offset: #offset, layout: #layout }
    }
}

/// The offset of a field that is described as another type, which must have its size and alignment.
fn checked(offset: &TokenStream, ty: &Type, cut: &Type, span: Span) -> TokenStream {
    quote_spanned! {span=>
        const {
            ::core::assert!(
                ::core::mem::size_of::<#ty>() == ::core::mem::size_of::<#cut>()
                    && ::core::mem::align_of::<#ty>() == ::core::mem::align_of::<#cut>(),
                "`#[layout(recursive)]` needs a pointer between the type and its mention",
            );
            #offset
        }
    }
}

fn layout_of(ty: &Type, span: Span) -> TokenStream {
    quote_spanned!(span=> <#ty as ::plugin_core::StableLayout>::TYPE_LAYOUT)
}

fn type_argument(parameter: &Ident, crosses: Parameters) -> TokenStream {
    let ty = match crosses {
        Parameters::AsTheyAre => quote!(#parameter),
        Parameters::Converted => quote!(<#parameter as ::plugin_core::__private::Crossing>::Abi),
    };
    quote!(::plugin_core::Argument::Type(<#ty as ::plugin_core::StableLayout>::TYPE_LAYOUT))
}

fn const_argument(value: &impl ToTokens) -> TokenStream {
    quote!(::plugin_core::Argument::Const((#value) as ::core::primitive::i128))
}

pub(crate) fn member_name(member: &Member) -> String {
    match member {
        Member::Named(name) => name.unraw().to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

/// A type without bytes in the place of each mention.
fn marker(ident: &Ident, model: &Model) -> TokenStream {
    let name = &model.text;
    let members: Vec<String> = match (&model.shape, &model.growth) {
        (Shape::Struct(fields), growth) => {
            // What later versions add is no mark of the type.
            let first = fields.len() - growth.as_ref().map_or(0, Vec::len);
            fields.iter().take(first).map(|field| member_name(&field.member)).collect()
        }
        (Shape::Enum { .. }, Some(_)) => Vec::new(),
        (Shape::Enum { repr: _, variants }, None) => {
            variants.iter().map(|variant| variant.name.unraw().to_string()).collect()
        }
    };
    let crossing = match model.parameters {
        Parameters::AsTheyAre => TokenStream::new(),
        Parameters::Converted => quote! {
            ::plugin_core::as_is!([] #ident);
            ::plugin_core::boxed!([] #ident);
        },
    };
    quote! {
        struct #ident;
        #crossing
        // SAFETY: no value of this type exists outside the expansion; it stands for a type that is described around it.
        #[automatically_derived]
        unsafe impl ::plugin_core::StableLayout for #ident {
            const TYPE_LAYOUT: &'static ::plugin_core::TypeLayout =
                &::plugin_core::TypeLayout::new(#name, &[], 0, 1, ::plugin_core::Shape::Recursive(&[#(#members),*]));
        }
    }
}
