//! Where the description of a recursive type stops.
//!
//! A type that contains itself behind a pointer would have an endless description. In the fields marked
//! `#[layout(recursive)]` a marker takes the place of the type, so that the pointers around it are described in full.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{
    Expr, GenericArgument, GenericParam, Generics, Ident, Path, PathArguments, PathSegment, Type,
    TypeTraitObject,
    ext::IdentExt,
    parse_quote,
    visit_mut::{self, VisitMut},
};

use super::parse::{Cut, Field};
use crate::errors::Errors;

/// A stand-in for a mentioned type.
pub(super) struct Marker {
    pub(super) ident: Ident,
    /// Name of the mentioned type.
    pub(super) name: String,
    /// The arguments of a mention of another type than the one that is described; `None` if it is that type.
    pub(super) other: Option<Vec<Argument>>,
}

/// An argument, which the marker takes as its own.
pub(super) enum Argument {
    Type,
    /// A constant of this type.
    Const(Box<Type>),
}

/// Cuts the fields of one type.
pub(super) struct Recursion<'a> {
    name: &'a Ident,
    generics: &'a Generics,
    markers: Vec<Marker>,
}

impl<'a> Recursion<'a> {
    pub(super) fn new(name: &'a Ident, generics: &'a Generics) -> Self {
        Self { name, generics, markers: Vec::new() }
    }

    pub(super) fn into_markers(self) -> Vec<Marker> {
        self.markers
    }

    /// The field's type with markers, if it is to be cut.
    pub(super) fn cut(&mut self, field: &Field, errors: &mut Errors) -> Option<Type> {
        let mut ty = field.ty.clone();
        let mut walk =
            Walk { cuts: field.cuts.iter().map(|cut| (cut, false)).collect(), recursion: self, errors };
        walk.visit_type_mut(&mut ty);
        for (cut, is_used) in walk.cuts {
            if !is_used {
                self.not_mentioned(cut, errors);
            }
        }
        (!field.cuts.is_empty()).then_some(ty)
    }

    fn not_mentioned(&self, cut: &Cut, errors: &mut Errors) {
        match cut {
            Cut::Itself(path) => errors.at(
                path,
                format!(
                    "this field does not mention `{}`: leave out `recursive`, or name the type that is mentioned, as \
                     in `recursive(Other)`",
                    self.name
                ),
            ),
            Cut::Other(path) => errors.at(
                path,
                format!(
                    "this field does not mention `{}`: leave it out, or spell it as the field does",
                    path.to_token_stream()
                ),
            ),
        }
    }

    fn cuts(&self, cut: &Cut, path: &Path) -> bool {
        match cut {
            Cut::Itself(_) => self.is_itself(path),
            Cut::Other(named) if self.is_itself(named) => self.is_itself(path),
            Cut::Other(named) => {
                let names = |path: &Path| {
                    path.segments.iter().map(|segment| segment.ident.clone()).collect::<Vec<_>>()
                };
                names(named) == names(path)
            }
        }
    }

    fn is_itself(&self, path: &Path) -> bool {
        let is_parameter = || self.generics.type_params().any(|parameter| parameter.ident == *self.name);
        match path.segments.first() {
            Some(segment) if path.segments.len() == 1 && path.leading_colon.is_none() => {
                segment.ident == "Self" || (segment.ident == *self.name && !is_parameter())
            }
            Some(_) | None => false,
        }
    }

    /// Whether a mention has the type's own parameters as arguments, lifetimes aside.
    fn has_own_arguments(&self, path: &Path) -> bool {
        let Some(segment) = path.segments.last() else {
            return false;
        };
        let mentioned = arguments(segment).map(|argument| argument.to_token_stream().to_string());
        let own = self.generics.params.iter().filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
            GenericParam::Const(parameter) => Some(parameter.ident.to_string()),
            GenericParam::Lifetime(_) => None,
        });
        segment.ident == "Self" || mentioned.eq(own)
    }

    /// The marker for the type itself, of which there is one.
    fn itself(&mut self) -> Type {
        let existing = self.markers.iter().find(|marker| marker.other.is_none());
        let ident = match existing {
            Some(existing) => existing.ident.clone(),
            None => self.marker(self.name, None),
        };
        parse_quote!(#ident)
    }

    /// A marker for another type: as it is mentioned, and after its arguments have been cut.
    fn other(&mut self, mentioned: &Type, cut: &PathSegment) -> Type {
        let (kinds, arguments): (Vec<_>, Vec<_>) =
            arguments(cut).map(|argument| self.argument(argument)).unzip();
        let ident = self.marker(&cut.ident, Some(kinds));
        parse_quote!(#ident<#mentioned, #(#arguments),*>)
    }

    fn argument(&self, argument: &GenericArgument) -> (Argument, TokenStream) {
        let own = self.generics.const_params().find(|parameter| match argument {
            GenericArgument::Type(Type::Path(path)) => path.path.is_ident(&parameter.ident),
            _ => false,
        });
        match (own, argument) {
            (Some(own), _) => (Argument::Const(Box::new(own.ty.clone())), own.ident.to_token_stream()),
            (None, GenericArgument::Const(value)) => {
                let i128 = quote!(::core::primitive::i128);
                (Argument::Const(parse_quote!(#i128)), quote!({ (#value) as #i128 }))
            }
            (None, _) => (Argument::Type, argument.to_token_stream()),
        }
    }

    fn marker(&mut self, name: &Ident, other: Option<Vec<Argument>>) -> Ident {
        let name = name.unraw();
        let ident = format_ident!("__Recursive{}{name}", self.markers.len());
        self.markers.push(Marker { ident: ident.clone(), name: name.to_string(), other });
        ident
    }
}

/// Puts markers into the type of one field.
struct Walk<'a, 'b, 'c> {
    /// What is to be cut, and whether it was seen.
    cuts: Vec<(&'c Cut, bool)>,
    recursion: &'b mut Recursion<'a>,
    errors: &'b mut Errors,
}

impl VisitMut for Walk<'_, '_, '_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        let path = match ty {
            Type::Path(path) if path.qself.is_none() => path.path.clone(),
            // What a trait makes of a mention is not known here.
            Type::Path(_) => return,
            _ => return visit_mut::visit_type_mut(self, ty),
        };
        let mut is_cut = false;
        for (cut, is_used) in &mut self.cuts {
            if self.recursion.cuts(cut, &path) {
                *is_used = true;
                is_cut = true;
            }
        }
        match (self.recursion.is_itself(&path), is_cut) {
            (true, true) if self.recursion.has_own_arguments(&path) => {
                *ty = self.recursion.itself();
            }
            (true, true) => self.errors.at(
                path,
                "this is the type with other arguments, whose description would be endless: mention it as `Self`",
            ),
            (true, false) => self.errors.at(
                path,
                "the type mentions itself, so its description would be endless: add `#[layout(recursive)]` to the field",
            ),
            (false, true) => {
                let mentioned = ty.clone();
                visit_mut::visit_type_mut(self, ty);
                if let Type::Path(cut) = ty
                    && let Some(cut) = cut.path.segments.last()
                {
                    *ty = self.recursion.other(&mentioned, cut);
                }
            }
            (false, false) => visit_mut::visit_type_mut(self, ty),
        }
    }

    // Neither values nor traits mention a type in a way that is described.
    fn visit_expr_mut(&mut self, _: &mut Expr) {}
    fn visit_type_trait_object_mut(&mut self, _: &mut TypeTraitObject) {}
}

/// The generic arguments of a path's segment, lifetimes aside.
fn arguments(segment: &PathSegment) -> impl Iterator<Item = &GenericArgument> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        PathArguments::None | PathArguments::Parenthesized(_) => None,
    };
    let all = arguments.into_iter().flatten();
    all.filter(|argument| !matches!(argument, GenericArgument::Lifetime(_)))
}

/// Replaces `Self` by the type's name and parameters, for use in other items.
pub(super) struct SpellOut(PathSegment);

impl SpellOut {
    pub(super) fn new(name: &Ident, generics: &Generics) -> Self {
        let (_, arguments, _) = generics.split_for_impl();
        let arguments = arguments.as_turbofish();
        Self(parse_quote!(#name #arguments))
    }
}

impl VisitMut for SpellOut {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        if let Some(first) = path.segments.first_mut()
            && first.ident == "Self"
        {
            *first = self.0.clone();
        }
    }
}
