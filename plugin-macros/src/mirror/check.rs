//! The rules: which types have a mirror.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Type, WherePredicate, ext::IdentExt, parse_quote, visit_mut::VisitMut};

use super::{
    Body, Field, Model, Variant,
    growth::{self, IN_A_VARIANT, NOT_A_GROWING_STRUCT},
    parse::{self, Declaration},
};
use crate::{
    errors::Errors,
    layout::{
        self, Discriminant, Parameters, Shape,
        check::{is, packed},
        expand::bounded,
        lifetimes,
        recursion::{Recursion, SpellOut},
    },
    signature::{check_member, is_doubtful, of_type},
    spans::{ends, located},
};

pub(super) fn model(declaration: Declaration, errors: &mut Errors) -> Option<Model> {
    let Declaration { name, mut generics, lint_levels, reprs, growing, body } = declaration;
    for repr in reprs.iter().filter(|repr| is(repr, "packed")) {
        packed(repr, errors);
    }
    let (recursion, mut spell_out) = (Recursion::new(&name, &generics), SpellOut::new(&name, &generics));
    let mut mirroring = Mirroring {
        recursion,
        spell_out: &mut spell_out,
        // The head of a block comes before the fields.
        first: usize::from(growing.is_some()),
        types: Vec::new(),
        bounds: Vec::new(),
    };
    let mut growth = None;
    let (body, shape) = match body {
        parse::Body::Struct(members) => {
            match growing {
                Some(_) => growth = Some(growth::since(&members, errors)),
                None => growth::none(members.iter(), NOT_A_GROWING_STRUCT, errors),
            }
            let (fields, mirrored) = mirroring.fields(members, errors);
            let body = if growing.is_some() { Body::GrowingStruct(fields) } else { Body::Struct(fields) };
            (body, Shape::Struct(mirrored))
        }
        parse::Body::Enum(mut members) => {
            growth::none(members.iter().flat_map(|variant| &variant.fields), IN_A_VARIANT, errors);
            let unknown = growth::unknown(&name, growing.as_ref(), &members, errors);
            if let Some((place, _)) = unknown {
                members.remove(place);
                growth = Some(Vec::new());
            } else if growing.is_some() {
                return None;
            }
            let (variants, mirrored) = mirroring.variants(&name, members, errors);
            let repr = if growth.is_some() { format_ident!("u32") } else { tag(mirrored.len()) };
            let body = match unknown {
                Some((_, unknown)) => Body::GrowingEnum { variants, unknown },
                None => Body::Enum(variants),
            };
            (body, Shape::Enum { repr, variants: mirrored })
        }
        parse::Body::Union(token) => {
            errors.at(token, "a union does not say which of its fields is valid: write an enum");
            return None;
        }
    };
    let lifetimes = lifetimes::of(&generics, mirroring.types.iter());
    let bounds = mirroring.bounds;
    let marker = mirroring.recursion.into_marker();
    spell_out.visit_generics_mut(&mut generics);
    let mut generics = bounded(&generics, &parse_quote!(::plugin_core::__private::Crossing));
    generics.make_where_clause().predicates.extend(bounds);
    let mirror = layout::Model {
        name: format_ident!("__{}Mirror", name),
        text: name.unraw().to_string(),
        generics: generics.clone(),
        parameters: Parameters::Converted,
        lint_levels,
        shape,
        lifetimes,
        is_transparent: false,
        growth,
        marker,
    };
    Some(Model { name, generics, body, mirror })
}

/// The smallest representation that counts so many variants.
fn tag(variants: usize) -> Ident {
    match variants {
        0..=0x100 => format_ident!("u8"),
        0x101..=0x1_0000 => format_ident!("u16"),
        _ => format_ident!("u32"),
    }
}

/// Makes the fields of a mirror from those of a type.
struct Mirroring<'a, 's> {
    recursion: Recursion<'a>,
    spell_out: &'s mut SpellOut,
    /// The place of the first field in a mirror.
    first: usize,
    /// The types of all fields so far.
    types: Vec<Type>,
    /// That those cross which the tokens do not show to: said once, so that one that does not is reported once, and so that
    /// a field may need more of a parameter than that it crosses.
    bounds: Vec<WherePredicate>,
}

impl Mirroring<'_, '_> {
    fn variants(
        &mut self,
        name: &Ident,
        members: Vec<parse::Variant>,
        errors: &mut Errors,
    ) -> (Vec<Variant>, Vec<layout::Variant>) {
        if members.is_empty() && self.first == 0 {
            errors.at(
                name,
                format!("`{name}` has no variants, so no value of it can cross: add one, or write `struct {name};`"),
            );
        }
        let mirrored = members.into_iter().enumerate().map(|(place, variant)| {
            let (fields, mirrored) = self.fields(variant.fields, errors);
            // Numbered by place, whatever numbers the type itself gives to its variants: the names are what counts.
            let discriminant = Discriminant { base: None, steps: place };
            let name = variant.name;
            (Variant { name: name.clone(), fields }, layout::Variant { name, discriminant, fields: mirrored })
        });
        mirrored.unzip()
    }

    fn fields(
        &mut self,
        members: Vec<parse::Field>,
        errors: &mut Errors,
    ) -> (Vec<Field>, Vec<layout::Field>) {
        let mirrored = members.into_iter().zip(self.first..).map(
            |(parse::Field { member, mut ty, since, is_marked: _ }, place)| {
                let cut = self.recursion.cut_wherever_mentioned(&ty, errors);
                self.spell_out.visit_type_mut(&mut ty);
                check_member(&ty, errors);
                self.types.push(ty.clone());
                if cut.is_none() && is_doubtful(&ty) {
                    self.bounds.extend(syn::parse2::<WherePredicate>(crosses(&ty)));
                }
                let mirrored = layout::Field {
                    member: member.clone(),
                    place: place.into(),
                    ty: abi(&ty),
                    cut: cut.as_ref().map(abi),
                };
                let default = growth::default(&ty, since.as_ref());
                (Field { member, ty, default }, mirrored)
            },
        );
        mirrored.unzip()
    }
}

/// The FFI-safe form of a type; a type without one is reported where it is written.
fn abi(ty: &Type) -> Type {
    Type::Verbatim(of_type(&quote!(::plugin_core), ty, &quote!(Crossing), None, "Abi"))
}

/// The bound that a type crosses, which is reported at the type.
fn crosses(ty: &Type) -> TokenStream {
    let (start, end) = ends(ty);
    let path = located(quote!(::plugin_core::__private::), start);
    let its = Ident::new("Crossing", end);
    quote_spanned!(start=> #ty: #path #its)
}
