//! Signatures of methods and exported functions: parsed into what the tables and entries need.

mod closures;
mod futures;
mod lifetimes;
mod objects;
mod types;

pub(crate) use futures::Runs;
pub(crate) use lifetimes::check_elided;
pub(crate) use types::{check_field, check_member, check_static, is_doubtful};

use closures::Closure;
use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{
    Attribute, FnArg, Generics, Ident, Lifetime, Pat, ReturnType, Safety, Signature, Token, Type,
    ext::IdentExt as _,
};

use crate::{
    attributes::conditions,
    errors::Errors,
    spans::{ends, located},
};

/// A function whose arguments and result cross the boundary.
pub(crate) struct Callable {
    /// Where generated code finds plugin-core.
    pub(crate) core: TokenStream,
    pub(crate) ident: Ident,
    pub(crate) is_unsafe: bool,
    /// Where the future of an `async fn` runs, which is what crosses in place of the result.
    pub(crate) future: Option<Runs>,
    pub(crate) receiver: Option<Receiver>,
    pub(crate) parameters: Vec<Parameter>,
    /// The result, with every lifetime named.
    pub(crate) result: Type,
    /// The declared lifetimes and those that were elided.
    pub(crate) generics: Generics,
    /// Which lifetimes are the same, as descriptors record it.
    pub(crate) lifetimes: String,
    /// The closure that it returns.
    closure: Option<Closure>,
}

/// How a method takes the object.
pub(crate) enum Receiver {
    /// `&self`
    Shared(Token![self], Lifetime),
    /// `&mut self`
    Mutable(Token![self], Lifetime),
    /// `self`
    Value(Token![self]),
    /// `self: Box<Self>`
    Boxed(Token![self]),
}

impl Receiver {
    pub(crate) const fn token(&self) -> Token![self] {
        match self {
            Self::Shared(token, _) | Self::Mutable(token, _) | Self::Value(token) | Self::Boxed(token) => {
                *token
            }
        }
    }

    pub(crate) const fn lifetime(&self) -> Option<&Lifetime> {
        match self {
            Self::Shared(_, lifetime) | Self::Mutable(_, lifetime) => Some(lifetime),
            Self::Value(_) | Self::Boxed(_) => None,
        }
    }
}

impl ToTokens for Receiver {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Shared(token, lifetime) => quote!(&#lifetime #token),
            Self::Mutable(token, lifetime) => quote!(&#lifetime mut #token),
            Self::Value(token) => quote!(#token),
            Self::Boxed(token) => quote!(#token: ::std::boxed::Box<Self>),
        });
    }
}

/// An argument, with every lifetime named.
pub(crate) struct Parameter {
    /// The name in the source, for descriptions and messages; empty for one without, which messages call by its place.
    pub(crate) name: String,
    /// As it is declared, for bodies that use it.
    pub(crate) pattern: Pat,
    /// The name in generated code, which no other code can mean.
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// The closure that it is.
    closure: Option<Closure>,
}

impl Parameter {
    /// The type that crosses.
    fn crossing(&self) -> &Type {
        self.closure.as_ref().map_or(&self.ty, |closure| &closure.wrapper)
    }

    /// The argument as the type that crosses.
    fn given(&self) -> TokenStream {
        given(self.closure.as_ref(), self.ident.to_token_stream())
    }

    /// The argument, which arrived as the type that crosses.
    fn arrived(&self) -> TokenStream {
        arrived(self.closure.as_ref(), self.ident.to_token_stream())
    }
}

fn given(closure: Option<&Closure>, value: TokenStream) -> TokenStream {
    match closure {
        Some(Closure { wrapper, .. }) => quote!(<#wrapper>::__new(#value)),
        None => value,
    }
}

fn arrived(closure: Option<&Closure>, value: TokenStream) -> TokenStream {
    match closure {
        Some(_) => quote!(#value.0),
        None => value,
    }
}

/// What an entry of a method has before the arguments.
pub(crate) struct Object {
    /// The parameter, with its comma.
    pub(crate) parameter: TokenStream,
    /// The statement that borrows the object from it.
    pub(crate) borrow: TokenStream,
}

/// What is around a signature.
#[derive(Clone)]
pub(crate) struct Around {
    /// Where generated code finds plugin-core.
    pub(crate) core: TokenStream,
    /// Parameters of the trait.
    pub(crate) generics: Generics,
    /// `#[cfg(…)]`: all that is made of it has the same.
    pub(crate) conditions: Vec<Attribute>,
    /// Where the future of an `async fn` may run, if that is one here.
    pub(crate) runs: Option<Runs>,
}

impl Around {
    /// A function in no trait.
    pub(crate) fn nothing() -> Self {
        Self {
            core: quote!(::plugin_core),
            generics: Generics::default(),
            conditions: Vec::new(),
            runs: None,
        }
    }
}

/// Parses a signature; mistakes go to `errors`, and the result is `None` if nothing can be made of it.
pub(crate) fn parse(around: &Around, signature: &Signature, errors: &mut Errors) -> Option<Callable> {
    let future = around.runs.filter(|_| signature.asyncness.is_some());
    check_qualifiers(signature, future, errors);
    let receiver = signature.receiver();
    let mut parameters = Vec::new();
    for input in &signature.inputs {
        let FnArg::Typed(argument) = input else { continue };
        for attribute in conditions(&argument.attrs) {
            errors.at(
                attribute,
                "a table has one signature for all builds: declare the argument without `#[cfg]`",
            );
        }
        if !closures::check(&argument.ty, errors) {
            types::check_argument(&argument.ty, errors);
        }
        if future.is_some() {
            futures::check_argument(&argument.ty, errors);
        }
        let name = match &*argument.pat {
            Pat::Ident(pattern) if pattern.subpat.is_none() => pattern.ident.unraw().to_string(),
            Pat::Wild(_) => String::new(),
            other => {
                errors.at(other, "an argument needs a plain name here: take the pattern apart in the body");
                continue;
            }
        };
        let ident = format_ident!("argument_{}", parameters.len(), span = Span::mixed_site());
        parameters.push(Parameter {
            name,
            pattern: (*argument.pat).clone(),
            ident,
            ty: (*argument.ty).clone(),
            closure: None,
        });
    }
    let result = match &signature.output {
        ReturnType::Default => syn::parse_quote!(()),
        ReturnType::Type(_, ty) => {
            if !closures::check(ty, errors) {
                types::check_result(ty, errors);
            }
            (**ty).clone()
        }
    };
    let mut named = lifetimes::name_all(signature, receiver, parameters, result, errors)?;
    types::check_loans(&named, errors);
    let of = signature.ident.unraw();
    for (place, parameter) in named.parameters.iter_mut().enumerate() {
        let name = format_ident!("__Closure_{of}_{place}");
        parameter.closure = closures::parse(around, &parameter.ty, &name, errors);
    }
    let name = format_ident!("__Closure_{of}_result");
    let closure = closures::parse(around, &named.result, &name, errors);
    if let Some(closure) = closure.as_ref().filter(|closure| closure.is_lent()) {
        errors.at(&named.result, closure.cure_in_result());
    } else if closure.is_some() && future.is_some() {
        errors.at(
            &named.result,
            "a future brings no closure: return an object of an interface with one method",
        );
    }
    Some(Callable {
        core: around.core.clone(),
        ident: signature.ident.clone(),
        is_unsafe: matches!(signature.safety, Safety::Unsafe(_)),
        future,
        receiver: named.receiver,
        parameters: named.parameters,
        result: named.result,
        generics: named.generics,
        lifetimes: named.canonical,
        closure,
    })
}

fn check_qualifiers(signature: &Signature, future: Option<Runs>, errors: &mut Errors) {
    if let (Some(token), None) = (&signature.asyncness, future) {
        errors.at(
            token,
            "an exported function returns a value, and an interface's method may return a future: make this an `async fn` of a trait with `#[plugin_interface]`",
        );
    }
    if let (Safety::Unsafe(token), Some(_)) = (&signature.safety, future) {
        errors.at(
            token,
            "what an `unsafe fn` asks for would have to hold until its future is dropped: make the method safe, or not `async`",
        );
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, "write an ordinary Rust function: the macro makes the `extern \"C\"` entry");
    }
    if let Some(variadic) = &signature.variadic {
        errors.at(variadic, "C variadics do not cross the boundary: take a slice");
    }
    for parameter in signature.generics.type_params() {
        errors.at(
            parameter,
            "a generic function has no single address: name the concrete type, or declare one function for each",
        );
    }
    for parameter in signature.generics.const_params() {
        errors.at(parameter, "a generic function has no single address: take the value as an argument");
    }
}

impl Callable {
    /// The description of the signature: `TypeLayout::signature(…)`.
    pub(crate) fn layout(&self) -> TokenStream {
        let core = &self.core;
        let fields = self.parameters.iter().map(|parameter| {
            let name = &parameter.name;
            let layout = layout_of(core, parameter.crossing(), |core, ty| self.argument_abi(core, ty));
            quote! {
                #core::Field { name: #name, offset: 0, layout: #layout }
            }
        });
        let result = layout_of(core, self.crossing(), |core, ty| self.result_abi(core, ty));
        let is_unsafe = self.is_unsafe;
        quote! {
            &#core::TypeLayout::signature(
                #is_unsafe,
                &[#(#fields),*],
                #result,
            )
        }
    }

    /// The type of the result that crosses.
    fn crossing(&self) -> &Type {
        self.closure.as_ref().map_or(&self.result, |closure| &closure.wrapper)
    }

    /// `value`, as the type of the result, in its FFI-safe form.
    fn give(&self, value: TokenStream) -> TokenStream {
        let value = given(self.closure.as_ref(), value);
        of_type(&self.core, self.crossing(), &quote!(Crossing), Some(value), "into_abi")
    }

    /// `value`, in its FFI-safe form, as the type of the result; to stand in an unsafe block.
    fn take(&self, value: TokenStream) -> TokenStream {
        let value = of_type(&self.core, self.crossing(), &quote!(Crossing), Some(value), "from_abi");
        arrived(self.closure.as_ref(), value)
    }

    /// The FFI-safe form of an argument's type; a type without one is reported where it is written.
    fn argument_abi(&self, core: &TokenStream, ty: &Type) -> TokenStream {
        let its = match self.future {
            Some(_) => quote!(Crossing),
            None => quote!(Argument),
        };
        of_type(core, ty, &its, None, "Abi")
    }

    /// The FFI-safe form of a result's type, or of its future.
    fn result_abi(&self, core: &TokenStream, ty: &Type) -> TokenStream {
        let value = of_type(core, ty, &quote!(Crossing), None, "Abi");
        match self.future {
            Some(runs) => self.raw_future(core, ty, &value, runs),
            None => value,
        }
    }

    /// The FFI-safe types of the arguments.
    pub(crate) fn abi_types(&self) -> impl Iterator<Item = TokenStream> {
        self.parameters.iter().map(|parameter| self.argument_abi(&self.core, parameter.crossing()))
    }

    /// The types that closures in the signature cross as, to be declared beside what is generated of it.
    pub(crate) fn closures(&self) -> TokenStream {
        let parameters = self.parameters.iter().filter_map(|parameter| parameter.closure.as_ref());
        let closures = parameters.chain(&self.closure).map(Closure::declare);
        quote!(#(#closures)*)
    }

    /// A call of the function in `slot`, which has this signature, with the object if there is one: what generated code does
    /// in the other library.
    pub(crate) fn call(&self, slot: TokenStream, object: Option<TokenStream>) -> TokenStream {
        let Self { core, result, .. } = self;
        let outcome = self.outcome();
        let types = self.abi_types();
        let arguments = self.argument_idents();
        let object_type = object.as_ref().map(|_| quote!(*mut ::core::ffi::c_void,));
        let object = object.map(|object| quote!(#object,));
        let call = self.send(quote!(unsafe { entry(#object #(#arguments),*) }));
        let value = self.take(quote!(value));
        quote! {
            // SAFETY: what is in the slot was found to have this signature, by its description.
            let entry: unsafe extern "C" fn(#object_type #(#types),*) -> #outcome = unsafe { #slot.restore() };
            // SAFETY: the entry gets its arguments as they were sent, for the call, and the object that it came with, as it
            // takes it. What an `unsafe` function asks for, the caller of this one answers for.
            let outcome = #call;
            match outcome.into_result() {
                // SAFETY: the entry made the value with `into_abi` of this very type: the result's, which was compared.
                ::core::result::Result::Ok(value) => unsafe { #value },
                ::core::result::Result::Err(panic) => {
                    #[allow(unused_imports)]
                    use #core::__private::Resume as _;
                    #core::__private::Recovery::<#result>::new().recover(panic)
                }
            }
        }
    }

    /// The function that the other side calls, which calls `call` under the guard: with the object, if there is one, and
    /// with the arguments under their names.
    ///
    /// Its parts are where the types are, which is where the compiler reports what is wrong with them.
    pub(crate) fn entry(&self, object: Option<Object>, call: TokenStream) -> TokenStream {
        let (start, end) = self.doubtful();
        let keywords = quote_spanned!(start=> unsafe extern "C" fn);
        let ident = &self.ident;
        let (generics, bounds) = self.lifetime_generics();
        let arguments = self.argument_idents();
        let types = self.abi_types();
        let outcome = self.outcome();
        let (object, its_borrow) = object.map(|Object { parameter, borrow }| (parameter, borrow)).unzip();
        let (sent, call) = match self.future {
            Some(_) => (Vec::new(), self.start(call)),
            None => {
                let sent = self.parameters.iter().map(|parameter| self.sent(parameter));
                (sent.collect(), self.lend(self.give(self.vouched(call))))
            }
        };
        let core = &self.core;
        let mut body = Group::new(
            Delimiter::Brace,
            quote! {
                #its_borrow
                #(#sent)*
                #core::__private::Outcome::of(|| #call)
            },
        );
        body.set_span(end);
        quote!(#keywords #ident #generics (#object #(#arguments: #types),*) -> #outcome #bounds #body)
    }

    /// Takes an argument as what the other side sent.
    fn sent(&self, parameter: &Parameter) -> TokenStream {
        let ident = &parameter.ident;
        let sent = of_type(
            &self.core,
            parameter.crossing(),
            &quote!(Receive),
            Some(ident.to_token_stream()),
            "believe",
        );
        quote! {
            // SAFETY: the other side calls this entry only after it found the description of this very signature to be
            // its own, so it sent the argument as this type, and it waits for this call.
            let #ident = unsafe { #sent };
        }
    }

    /// The call of the user's function, which nothing else vouches for.
    fn vouched(&self, call: TokenStream) -> TokenStream {
        if !self.is_unsafe {
            return call;
        }
        quote! {
            // SAFETY: whoever calls this entry does so for the caller of an `unsafe fn` with these arguments.
            unsafe { #call }
        }
    }

    /// The type that an entry returns.
    pub(crate) fn outcome(&self) -> TokenStream {
        let core = &self.core;
        let result = self.result_abi(core, self.crossing());
        let (start, end) = ends(&self.result);
        let core = located(core.clone(), start);
        let close = located(quote!(>), end);
        quote_spanned!(start=> #core::__private::Outcome<#result #close)
    }

    /// `call`, with every argument that was sent lent to it.
    fn lend(&self, call: TokenStream) -> TokenStream {
        self.around(call, &quote!(Receive), "lend", |parameter| parameter.ident.to_token_stream())
    }

    /// `call`, with every argument given to the other side around it.
    fn send(&self, call: TokenStream) -> TokenStream {
        self.around(call, &quote!(Argument), "send", Parameter::given)
    }

    fn around(
        &self,
        call: TokenStream,
        its: &TokenStream,
        step: &str,
        value: fn(&Parameter) -> TokenStream,
    ) -> TokenStream {
        self.parameters.iter().rev().fold(call, |inner, parameter| {
            let (ident, value) = (&parameter.ident, value(parameter));
            let arguments = quote!(#value, |#ident| #inner);
            of_type(&self.core, parameter.crossing(), its, Some(arguments), step)
        })
    }

    /// Where to report what is wrong with the types as a whole: at those that the checks of their tokens cannot judge.
    pub(crate) fn doubtful(&self) -> (Span, Span) {
        let types = self.parameters.iter().map(|parameter| &parameter.ty);
        let doubtful = types.chain([&self.result]).filter(|ty| is_doubtful(ty));
        let spans: Vec<_> = doubtful.map(ends).collect();
        let ident = Span::call_site().located_at(self.ident.span());
        match (spans.first(), spans.last()) {
            (Some((start, _)), Some((_, end))) => (*start, *end),
            _ => (ident, ident),
        }
    }

    /// The names of the arguments in generated code.
    pub(crate) fn argument_idents(&self) -> impl Iterator<Item = &Ident> {
        self.parameters.iter().map(|parameter| &parameter.ident)
    }

    /// The arguments as they arrived, to pass them to the user's function.
    pub(crate) fn arrived(&self) -> impl Iterator<Item = TokenStream> {
        self.parameters.iter().map(Parameter::arrived)
    }

    /// An item that does not compile where a type hides a lifetime, as `Guard` for `Guard<'_>`: which lifetimes are the same
    /// is part of the description, and what is hidden would be missing from it.
    pub(crate) fn shown_lifetimes(&self) -> TokenStream {
        let types = self.parameters.iter().map(|parameter| &parameter.ty).chain([&self.result]);
        let types: Vec<_> = types.filter(|ty| is_doubtful(ty)).collect();
        if types.is_empty() {
            return TokenStream::new();
        }
        let (generics, bounds) = self.lifetime_generics();
        let name = format_ident!("__lifetimes_of_{}", self.ident.unraw(), span = Span::call_site());
        // In an `async fn` the language wants every lifetime to be written.
        quote! {
            #[allow(dead_code, unused_lifetimes, clippy::extra_unused_lifetimes)]
            async fn #name #generics (#(_: #types),*) #bounds {}
        }
    }

    /// The name as text.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// The lifetimes, as `<'a, 'b>`, and the bounds on them.
    pub(crate) fn lifetime_generics(&self) -> (TokenStream, TokenStream) {
        let (generics, _, bounds) = self.generics.split_for_impl();
        (generics.to_token_stream(), bounds.to_token_stream())
    }
}

/// The description of a type's FFI-safe form.
fn layout_of(core: &TokenStream, ty: &Type, abi: impl Fn(&TokenStream, &Type) -> TokenStream) -> TokenStream {
    let abi = abi(core, &lifetimes::all_inferred(ty));
    let (start, end) = ends(ty);
    let core = located(core.clone(), start);
    let layout = Ident::new("TYPE_LAYOUT", end);
    quote_spanned!(start=> <#abi as #core::StableLayout>::#layout)
}

/// `<ty as Trait>::item`, or a call of it; a type without the trait is reported where it is written.
pub(crate) fn of_type(
    core: &TokenStream,
    ty: &Type,
    its: &TokenStream,
    arguments: Option<TokenStream>,
    item: &str,
) -> TokenStream {
    let (start, end) = ends(ty);
    let item = Ident::new(item, end);
    let core = located(core.clone(), start);
    let its = located(its.clone(), start);
    let arguments = arguments.map(|arguments| {
        let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
        arguments.set_span(end);
        arguments
    });
    quote_spanned!(start=> <#ty as #core::__private::#its>::#item #arguments)
}
