//! Names every elided lifetime of a signature, by the language's own rules, so that generated code can repeat them;
//! and writes down which are the same.
//!
//! Rules: The Rust Reference, "Lifetime elision".

use std::collections::HashMap;

use proc_macro2::Span;
use quote::ToTokens;
use syn::{
    BoundLifetimes, GenericParam, Generics, Lifetime, LifetimeParam, ParenthesizedGenericArguments,
    Receiver as SynReceiver, ReceiverKind, ReturnType, Signature, Type, TypeFnPtr, TypeReference,
    visit_mut::{self, VisitMut},
};

use super::{Parameter, Receiver};
use crate::errors::Errors;

pub(super) struct Named {
    pub(super) receiver: Option<Receiver>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) result: Type,
    pub(super) generics: Generics,
    pub(super) canonical: String,
}

/// Names all lifetimes; `None` if the receiver cannot be called across the boundary.
pub(super) fn name_all(
    signature: &Signature,
    receiver: Option<&SynReceiver>,
    mut parameters: Vec<Parameter>,
    mut result: Type,
    errors: &mut Errors,
) -> Option<Named> {
    let mut generics = signature.generics.clone();
    let mut fresh = Fresh::new(&mut generics);

    let receiver = match receiver {
        None => None,
        Some(receiver) => Some(self::receiver(receiver, &mut fresh, errors)?),
    };
    for (place, parameter) in parameters.iter_mut().enumerate() {
        match parameter.name.as_str() {
            "" => fresh.enter(place),
            name => fresh.enter(name),
        }
        fresh.visit_type_mut(&mut parameter.ty);
    }

    let mut inputs = fresh.seen;
    inputs.dedup();
    let elided = match (&receiver, inputs.as_slice()) {
        (Some(Receiver::Shared(_, lifetime) | Receiver::Mutable(_, lifetime)), _) => Some(lifetime.clone()),
        (_, [only]) => Some(only.clone()),
        // The compiler reports the missing lifetime at its token in the function itself.
        (_, _) => Some(Lifetime::new("'static", Span::call_site())),
    };
    Elided { replacement: elided }.visit_type_mut(&mut result);

    let canonical = canonical(receiver.as_ref(), &parameters, &result, &signature.generics);
    Some(Named { receiver, parameters, result, generics, canonical })
}

/// How a method takes the object; `None` if it cannot be called across the boundary.
fn receiver(receiver: &SynReceiver, fresh: &mut Fresh<'_>, errors: &mut Errors) -> Option<Receiver> {
    let token = receiver.self_token;
    match &receiver.kind {
        ReceiverKind::Reference(_, lifetime, mutability) => {
            let lifetime = lifetime.clone().filter(|name| name.ident != "_");
            let lifetime = lifetime.unwrap_or_else(|| fresh.lifetime());
            Some(match mutability {
                Some(_) => Receiver::Mutable(token, lifetime),
                None => Receiver::Shared(token, lifetime),
            })
        }
        ReceiverKind::Value => Some(Receiver::Value(token)),
        ReceiverKind::Typed(_, ty) if is_box_of_self(ty) => Some(Receiver::Boxed(token)),
        ReceiverKind::Typed(_, ty) => {
            errors.at(
                ty,
                "the other side has its own pointer to the object: write `&self`, `&mut self`, `self` or `self: Box<Self>`",
            );
            None
        }
        _ => {
            errors.at(
                receiver,
                "a method of an interface takes `&self`, `&mut self`, `self` or `self: Box<Self>`",
            );
            None
        }
    }
}

fn is_box_of_self(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| {
        last.ident == "Box" && last.arguments.to_token_stream().to_string().replace(' ', "") == "<Self>"
    })
}

/// Notes the elided lifetimes of a result that no argument (or more than one) could give, as the compiler does for a
/// function that is written out.
pub(crate) fn check_elided(signature: &Signature, errors: &mut Errors) {
    struct Find<'a>(&'a mut Errors);
    impl Find<'_> {
        fn report(&mut self, tokens: impl ToTokens) {
            self.0.at(
                tokens,
                "it is not clear what this borrows from: name the lifetime, as in `for<'a> fn(&'a str, &str) -> &'a str`, or write `'static`",
            );
        }
    }
    impl VisitMut for Find<'_> {
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            if reference.lifetime.is_none() {
                self.report(reference.and_token);
            }
            visit_mut::visit_type_reference_mut(self, reference);
        }

        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident == "_" {
                self.report(lifetime);
            }
        }

        fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}

        fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}

        fn visit_bound_lifetimes_mut(&mut self, _: &mut BoundLifetimes) {}
    }

    let mut generics = signature.generics.clone();
    let mut fresh = Fresh::new(&mut generics);
    for input in &signature.inputs {
        if let syn::FnArg::Typed(argument) = input {
            fresh.visit_type_mut(&mut argument.ty.clone());
        }
    }
    if fresh.seen.len() != 1
        && let ReturnType::Type(_, ty) = &signature.output
    {
        Find(errors).visit_type_mut(&mut ty.clone());
    }
}

/// `ty` with every lifetime left to the compiler: for descriptions, which have none.
pub(super) fn all_inferred(ty: &Type) -> Type {
    struct Inferred;
    impl VisitMut for Inferred {
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            reference.lifetime = None;
            visit_mut::visit_type_reference_mut(self, reference);
        }

        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            *lifetime = Lifetime::new("'_", lifetime.span());
        }

        fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}

        fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}

        fn visit_bound_lifetimes_mut(&mut self, _: &mut BoundLifetimes) {}
    }
    let mut ty = ty.clone();
    Inferred.visit_type_mut(&mut ty);
    ty
}

/// Gives each elided lifetime of an argument a name of its own, and notes every lifetime it meets.
///
/// The compiler's messages show these names, and suggest to write them where the user should write `'_`: `'_self`,
/// `'_text`, `'_1_text` say at least what is borrowed from.
struct Fresh<'a> {
    generics: &'a mut Generics,
    seen: Vec<Lifetime>,
    /// The argument whose type is visited, and how many names it has given.
    argument: String,
    given: usize,
}

impl<'a> Fresh<'a> {
    fn new(generics: &'a mut Generics) -> Self {
        Self { generics, seen: Vec::new(), argument: "self".to_owned(), given: 0 }
    }

    /// Goes on to the type of another argument.
    fn enter(&mut self, argument: impl ToString) {
        (self.argument, self.given) = (argument.to_string(), 0);
    }

    fn lifetime(&mut self) -> Lifetime {
        // A number comes first, since no argument's name begins with one.
        let name = match self.given {
            0 => format!("'_{}", self.argument),
            given => format!("'_{given}_{}", self.argument),
        };
        self.given += 1;
        let lifetime = Lifetime::new(&name, Span::mixed_site());
        let parameter = GenericParam::Lifetime(LifetimeParam::new(lifetime.clone()));
        self.generics.params.insert(self.generics.lifetimes().count(), parameter);
        self.seen.push(lifetime.clone());
        lifetime
    }
}

impl VisitMut for Fresh<'_> {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if reference.lifetime.is_none() {
            reference.lifetime = Some(self.lifetime());
            self.visit_type_mut(&mut reference.elem);
        } else {
            visit_mut::visit_type_reference_mut(self, reference);
        }
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.lifetime();
        } else if !self.seen.contains(lifetime) {
            self.seen.push(lifetime.clone());
        }
    }

    // The lifetimes of a function pointer, or of a closure's signature, are its own.
    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}

    fn visit_bound_lifetimes_mut(&mut self, _: &mut BoundLifetimes) {}
}

/// Gives each elided lifetime of the result the one that the language gives it.
struct Elided {
    replacement: Option<Lifetime>,
}

impl VisitMut for Elided {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if reference.lifetime.is_none() {
            reference.lifetime.clone_from(&self.replacement);
        }
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_"
            && let Some(replacement) = &self.replacement
        {
            *lifetime = replacement.clone();
        }
    }

    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}

    fn visit_bound_lifetimes_mut(&mut self, _: &mut BoundLifetimes) {}
}

/// Lifetimes by order of appearance: arguments, an arrow, the result, and the bounds that were declared.
fn canonical(
    receiver: Option<&Receiver>,
    parameters: &[Parameter],
    result: &Type,
    declared: &Generics,
) -> String {
    struct Numbers {
        known: HashMap<String, usize>,
        text: String,
    }
    impl Numbers {
        fn add(&mut self, lifetime: &Lifetime) {
            let name = lifetime.ident.to_string();
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            if name == "static" {
                self.text.push_str("'static");
            } else {
                let next = self.known.len();
                let number = *self.known.entry(name).or_insert(next);
                self.text.push_str(&format!("'{number}"));
            }
        }
    }
    impl VisitMut for Numbers {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            self.add(lifetime);
        }

        fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}

        fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}

        fn visit_bound_lifetimes_mut(&mut self, _: &mut BoundLifetimes) {}
    }

    let mut numbers = Numbers { known: HashMap::new(), text: String::new() };
    if let Some(lifetime) = receiver.and_then(Receiver::lifetime) {
        numbers.add(lifetime);
    }
    for parameter in parameters {
        numbers.visit_type_mut(&mut parameter.ty.clone());
    }
    let arguments = core::mem::take(&mut numbers.text);
    numbers.visit_type_mut(&mut result.clone());
    let mut text = match core::mem::take(&mut numbers.text) {
        result if result.is_empty() => arguments,
        result => format!("{arguments} -> {result}"),
    };
    for parameter in declared.lifetimes() {
        for bound in &parameter.bounds {
            numbers.add(&parameter.lifetime);
            numbers.add(bound);
            text.push_str(&format!(" where {}", core::mem::take(&mut numbers.text).replace(' ', ": ")));
        }
    }
    if let Some(clause) = &declared.where_clause {
        for predicate in &clause.predicates {
            numbers.visit_where_predicate_mut(&mut predicate.clone());
            text.push_str(&format!(" where {}", core::mem::take(&mut numbers.text)));
        }
    }
    text.trim_start().to_owned()
}
