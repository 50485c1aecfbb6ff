//! Where the description of a recursive type stops.
//!
//! A type that contains itself behind a pointer would have an endless description. In the fields marked
//! `#[layout(recursive)]` a marker takes the place of the type, so that what is around it is described in full.

use quote::{ToTokens, format_ident};
use syn::{
    Expr, GenericArgument, GenericParam, Generics, Ident, Path, PathArguments, PathSegment, Type,
    TypeTraitObject, parse_quote,
    visit_mut::{self, VisitMut},
};

use super::parse::Field;
use crate::errors::Errors;

/// Cuts the fields of one type.
pub(crate) struct Recursion<'a> {
    name: &'a Ident,
    generics: &'a Generics,
    marker: Option<Ident>,
}

impl<'a> Recursion<'a> {
    pub(crate) fn new(name: &'a Ident, generics: &'a Generics) -> Self {
        Self { name, generics, marker: None }
    }

    /// The marker, if a field needed it.
    pub(crate) fn into_marker(self) -> Option<Ident> {
        self.marker
    }

    /// The field's type with the marker, if it is to be cut.
    pub(super) fn cut(&mut self, field: &Field, errors: &mut Errors) -> Option<Type> {
        let (ty, is_mentioned) = self.walk(&field.ty, field.recursive.is_some(), errors);
        let recursive = field.recursive.as_ref()?;
        if !is_mentioned {
            let name = self.name;
            errors.at(recursive, format!("this field does not mention `{name}`: leave out `recursive`"));
        }
        Some(ty)
    }

    /// A type with the marker, if it mentions the type that is described.
    pub(crate) fn cut_wherever_mentioned(&mut self, ty: &Type, errors: &mut Errors) -> Option<Type> {
        let (cut, is_mentioned) = self.walk(ty, true, errors);
        is_mentioned.then_some(cut)
    }

    fn walk(&mut self, ty: &Type, is_cut: bool, errors: &mut Errors) -> (Type, bool) {
        let mut ty = ty.clone();
        let mut walk = Walk { is_cut, is_mentioned: false, recursion: self, errors };
        walk.visit_type_mut(&mut ty);
        let is_mentioned = walk.is_mentioned;
        (ty, is_mentioned)
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

    fn marker(&mut self) -> Type {
        let marker = self.marker.get_or_insert_with(|| format_ident!("__Recursive{}", self.name));
        parse_quote!(#marker)
    }
}

/// Puts the marker into the type of one field.
struct Walk<'a, 'b> {
    /// Whether the field is marked.
    is_cut: bool,
    /// Whether the type was seen in it.
    is_mentioned: bool,
    recursion: &'b mut Recursion<'a>,
    errors: &'b mut Errors,
}

impl VisitMut for Walk<'_, '_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        let path = match &*ty {
            Type::Path(path) if path.qself.is_none() => &path.path,
            // What a trait makes of a mention is not known here.
            Type::Path(_) => return,
            _ => return visit_mut::visit_type_mut(self, ty),
        };
        if !self.recursion.is_itself(path) {
            return visit_mut::visit_type_mut(self, ty);
        }
        self.is_mentioned = true;
        if !self.is_cut {
            self.errors.at(
                path,
                "the type mentions itself, so its description would be endless: add `#[layout(recursive)]` to the field",
            );
        } else if !self.recursion.has_own_arguments(path) {
            self.errors.at(
                path,
                "this is the type with other arguments, whose description would be endless: mention it as `Self`",
            );
        } else {
            *ty = self.recursion.marker();
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
pub(crate) struct SpellOut(PathSegment);

impl SpellOut {
    pub(crate) fn new(name: &Ident, generics: &Generics) -> Self {
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
