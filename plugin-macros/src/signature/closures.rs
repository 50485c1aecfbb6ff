//! Closures in signatures: `&dyn Fn(…)`, `&mut dyn FnMut(…)`, and `Box` and `Arc` of closures.
//!
//! A closure that takes references is of a type for every lifetime, which no generic `impl` can name. So each place where
//! one stands has a wrapper of its own, declared beside the trait, and the wrapper crosses.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    BoundLifetimes, GenericParam, Lifetime, ParenthesizedGenericArguments, PathArguments, Signature,
    TraitBound, Type, TypeParamBound, TypeTraitObject, parse_quote,
    visit::{self, Visit},
};

use super::{Around, Callable, Object, objects};
use crate::{errors::Errors, generics::names};

/// A closure at one place of a signature.
pub(super) struct Closure {
    name: Ident,
    /// The wrapper with its parameters, in the terms of the signature.
    pub(super) wrapper: Type,
    pointer: Pointer,
    call: Call,
    /// `dyn Fn(…) -> … + Send`, without lifetimes.
    object: TokenStream,
    /// `Send` and `Sync`, as far as it promises them.
    autos: Vec<&'static str>,
    /// The name in descriptions: `Box<dyn FnOnce + Send>`.
    label: String,
    callable: Box<Callable>,
    around: Around,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pointer {
    Shared,
    Mutable,
    Box,
    Arc,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Fn,
    FnMut,
    FnOnce,
}

/// The parts of a closure's type as it is written.
struct Written<'t> {
    pointer: Pointer,
    object: &'t TypeTraitObject,
    call: Call,
    lifetimes: Option<&'t BoundLifetimes>,
    signature: &'t ParenthesizedGenericArguments,
    reference: Option<&'t Lifetime>,
}

fn recognise(ty: &Type) -> Option<Written<'_>> {
    let (pointer, object, reference) = match ty {
        Type::Group(group) => return recognise(&group.elem),
        Type::Paren(paren) => return recognise(&paren.elem),
        Type::Reference(reference) => {
            let pointer = if reference.mutability.is_some() { Pointer::Mutable } else { Pointer::Shared };
            (pointer, objects::target(&reference.elem)?, reference.lifetime.as_ref())
        }
        Type::Path(path) => {
            let is_box = path.path.segments.last()?.ident == "Box";
            (if is_box { Pointer::Box } else { Pointer::Arc }, objects::owned(path)?, None)
        }
        _ => return None,
    };
    object.bounds.iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else { return None };
        let last = bound.path.segments.last()?;
        let call = match last.ident.to_string().as_str() {
            "Fn" => Call::Fn,
            "FnMut" => Call::FnMut,
            "FnOnce" => Call::FnOnce,
            _ => return None,
        };
        let PathArguments::Parenthesized(signature) = &last.arguments else { return None };
        let lifetimes = bound.lifetimes.as_ref();
        Some(Written { pointer, object, call, lifetimes, signature, reference })
    })
}

/// Reads a closure's type, in which every lifetime has its name; `None` for any other type, and for a closure with mistakes.
pub(super) fn parse(around: &Around, ty: &Type, name: &Ident, errors: &mut Errors) -> Option<Closure> {
    let Written { pointer, object, call, lifetimes, signature, reference } = recognise(ty)?;
    if cure(pointer, call).is_some() {
        return None;
    }
    let inputs = signature.inputs.iter().enumerate().map(|(place, ty)| {
        let name = quote::format_ident!("argument_{place}");
        quote!(#name: #ty)
    });
    let output = &signature.output;
    let lifetimes = lifetimes.map(|bound| {
        let lifetimes = &bound.lifetimes;
        quote!(<#lifetimes>)
    });
    let signature: Signature = errors.take(syn::parse2(quote!(fn #name #lifetimes(#(#inputs),*) #output)))?;
    let callable = Box::new(super::parse(&Around { runs: None, ..around.clone() }, &signature, errors)?);

    let bounds: Vec<_> =
        object.bounds.iter().filter(|bound| !matches!(bound, TypeParamBound::Lifetime(_))).collect();
    let lifetime = match pointer {
        Pointer::Shared | Pointer::Mutable => Some(reference?),
        Pointer::Box | Pointer::Arc => None,
    };
    let passed = names(&around.generics);
    let lifetime = lifetime.map(|lifetime| quote!(#lifetime,));
    let autos = autos(object);
    Some(Closure {
        name: name.clone(),
        wrapper: parse_quote!(#name<#lifetime #(#passed),*>),
        pointer,
        call,
        object: quote!(dyn #(#bounds)+*),
        label: label(pointer, call, &autos),
        autos,
        callable,
        around: around.clone(),
    })
}

/// What to write for a pointer through which a closure of this kind cannot be called.
fn cure(pointer: Pointer, call: Call) -> Option<&'static str> {
    match (pointer, call) {
        (Pointer::Shared, Call::Fn)
        | (Pointer::Mutable, Call::FnMut)
        | (Pointer::Box, Call::Fn | Call::FnMut | Call::FnOnce)
        | (Pointer::Arc, Call::Fn) => None,
        (Pointer::Mutable, Call::Fn) => Some("a `dyn Fn` needs no `mut`: write `&dyn Fn(…)`"),
        (Pointer::Shared, Call::FnMut) => {
            Some("a `dyn FnMut` is called through `&mut`: write `&mut dyn FnMut(…)`")
        }
        (Pointer::Shared | Pointer::Mutable, Call::FnOnce) => {
            Some("a `dyn FnOnce` is called by value: write `Box<dyn FnOnce(…)>`")
        }
        (Pointer::Arc, Call::FnMut | Call::FnOnce) => {
            Some("a closure that is shared is a `dyn Fn`: write `Arc<dyn Fn(…)>`, or `Box<…>`")
        }
    }
}

/// Checks a type as it is written; `false` if it is no closure.
pub(super) fn check(ty: &Type, errors: &mut Errors) -> bool {
    let Some(written) = recognise(ty) else { return false };
    match cure(written.pointer, written.call) {
        Some(cure) => errors.at(ty, cure),
        None => check_lifetimes(&written, errors),
    }
    true
}

/// References in the signature live for the call; an owned closure borrows nothing.
fn check_lifetimes(written: &Written<'_>, errors: &mut Errors) {
    struct Find<'a>(&'a mut Errors, Vec<&'a Lifetime>);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
            if lifetime.ident != "_" && lifetime.ident != "static" && !self.1.contains(&lifetime) {
                self.0.at(
                    lifetime,
                    "what a closure takes and returns lives for its call: leave out the lifetime, or declare it by `for<'a>`",
                );
            }
        }
    }
    let Written { pointer, object, call, lifetimes, signature, reference: _ } = written;
    let declared =
        lifetimes.iter().flat_map(|bound| &bound.lifetimes).filter_map(|parameter| match parameter {
            GenericParam::Lifetime(lifetime) => Some(&lifetime.lifetime),
            GenericParam::Type(_) | GenericParam::Const(_) => None,
        });
    let mut find = Find(errors, declared.collect());
    visit::visit_parenthesized_generic_arguments(&mut find, signature);
    for bound in &object.bounds {
        match bound {
            TypeParamBound::Lifetime(lifetime)
                if lifetime.ident != "static" && matches!(pointer, Pointer::Box | Pointer::Arc) =>
            {
                errors.at(
                    lifetime,
                    "a closure that is moved to the other side borrows nothing: leave out the lifetime",
                );
            }
            TypeParamBound::Trait(bound) if auto_trait(bound).is_none() && !is_callable(bound) => {
                errors.at(
                    bound,
                    "a closure is `Send` and `Sync` by these names, and nothing else: leave this out",
                );
            }
            _ => {}
        }
    }
    let autos = autos(object);
    if *pointer == Pointer::Arc && *call == Call::Fn && autos.contains(&"Send") && !autos.contains(&"Sync") {
        errors.at(
            *object,
            "a closure that threads share is called by several at once: write `Arc<dyn Fn(…) + Send + Sync>`",
        );
    }
}

/// `Send` or `Sync`, by these names.
fn auto_trait(bound: &TraitBound) -> Option<&'static str> {
    let name = bound.path.segments.last()?;
    ["Send", "Sync"].into_iter().find(|auto| name.ident == auto)
}

/// The auto traits that a closure promises, in one order, however they are written.
fn autos(object: &TypeTraitObject) -> Vec<&'static str> {
    let promised = object.bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => auto_trait(bound),
        _ => None,
    });
    let mut promised: Vec<_> = promised.collect();
    promised.sort_unstable();
    promised.dedup();
    promised
}

fn is_callable(bound: &TraitBound) -> bool {
    let last = bound.path.segments.last();
    last.is_some_and(|last| matches!(last.arguments, PathArguments::Parenthesized(_)))
}

fn label(pointer: Pointer, call: Call, autos: &[&str]) -> String {
    let call = match call {
        Call::Fn => "Fn",
        Call::FnMut => "FnMut",
        Call::FnOnce => "FnOnce",
    };
    let autos: String = autos.iter().map(|auto| format!(" + {auto}")).collect();
    match pointer {
        Pointer::Shared => format!("&dyn {call}{autos}"),
        Pointer::Mutable => format!("&mut dyn {call}{autos}"),
        Pointer::Box => format!("Box<dyn {call}{autos}>"),
        Pointer::Arc => format!("Arc<dyn {call}{autos}>"),
    }
}

impl Closure {
    pub(super) const fn is_lent(&self) -> bool {
        matches!(self.pointer, Pointer::Shared | Pointer::Mutable)
    }

    pub(super) const fn cure_in_result(&self) -> &'static str {
        "a reference to a closure can be an argument, not a result: return `Box<dyn Fn(…)>` or `Arc<dyn Fn(…)>`"
    }

    /// The wrapper: a type that crosses.
    pub(super) fn declare(&self) -> TokenStream {
        let Self { name, wrapper: _, pointer: _, call: _, object, autos: _, label, callable, around: _ } =
            self;
        let core = &callable.core;
        let (generics, arguments, bounds) = self.parameters();
        let pointer = self.pointer(&quote!('__closure));
        let nested = callable.closures();
        let names = self.around.generics.type_params().map(|parameter| &parameter.ident);
        let entry = self.entry();
        let take = self.take(&pointer);
        let (signature, lifetimes) = (callable.layout(), &callable.lifetimes);
        let crossing = if self.is_lent() { self.lent() } else { self.owned() };
        let (typed, invoke) = (self.typed(), self.invoke());
        let conditions = &self.around.conditions;
        let promises = self.promises();
        quote! {
            #nested

            #(#conditions)*
            struct #name #generics(#pointer, ::core::marker::PhantomData<(#(#names,)*)>) #bounds;

            #(#conditions)*
            #[automatically_derived]
            impl #generics #name #arguments #bounds {
                #promises

                fn __new(closure: #pointer) -> Self {
                    Self(closure, ::core::marker::PhantomData)
                }

                /// The pointer to the closure, whose type may declare the lifetimes that the entry declares, too.
                ///
                /// # Safety
                ///
                /// `object` is the address of such a pointer, or one in a box that is given up.
                #take

                #entry
                #typed
                #invoke
            }

            #(#conditions)*
            // SAFETY: the description has pointer and trait in its name, and the signature of `__typed` and of the entry.
            #[automatically_derived]
            unsafe impl #generics #core::__private::Closure for #name #arguments #bounds {
                type Object = #object;

                const LAYOUT: &'static #core::TypeLayout =
                    &#core::TypeLayout::closure::<#core::__private::Callback<Self>>(
                        #label,
                        #lifetimes,
                        &[#core::Argument::Type(#signature)],
                    );
            }

            #crossing
        }
    }

    /// Parameters of the wrapper, the same without bounds, and the bounds.
    fn parameters(&self) -> (TokenStream, TokenStream, TokenStream) {
        let mut generics = self.around.generics.clone();
        if self.is_lent() {
            generics.params.insert(0, parse_quote!('__closure));
        }
        let (parameters, arguments, bounds) = generics.split_for_impl();
        (parameters.to_token_stream(), arguments.to_token_stream(), bounds.to_token_stream())
    }

    fn pointer(&self, lifetime: &TokenStream) -> TokenStream {
        let object = &self.object;
        match self.pointer {
            Pointer::Shared => quote!(&#lifetime (#object + #lifetime)),
            Pointer::Mutable => quote!(&#lifetime mut (#object + #lifetime)),
            Pointer::Box => quote!(::std::boxed::Box<#object>),
            Pointer::Arc => quote!(::std::sync::Arc<#object>),
        }
    }

    /// The function that the other library calls.
    fn entry(&self) -> TokenStream {
        let taken = match self.call {
            Call::Fn | Call::FnMut => quote!(object),
            Call::FnOnce => quote!((object, __taken)),
        };
        let object = Object {
            parameter: quote!(object: *mut ::core::ffi::c_void,),
            borrow: quote! {
                // SAFETY: this entry goes with the address of such a pointer, for as long as the closure is lent, or owned.
                let #taken = unsafe { Self::__object(object) };
            },
        };
        let arguments = self.callable.arrived();
        self.callable.entry(Some(object), quote!((*object)(#(#arguments),*)))
    }

    /// Takes the pointer from its address.
    fn take(&self, pointer: &TokenStream) -> TokenStream {
        let core = &self.callable.core;
        let (result, take) = match self.call {
            Call::Fn => (quote!(&'__pointer #pointer), quote!(object)),
            Call::FnMut => (quote!(&'__pointer mut #pointer), quote!(object_mut)),
            Call::FnOnce => {
                (quote!((::std::boxed::Box<#pointer>, #core::__private::Taken)), quote!(closure_owned))
            }
        };
        let lifetime = (self.call != Call::FnOnce).then(|| quote!(<'__pointer>));
        quote! {
            unsafe fn __object #lifetime (object: *mut ::core::ffi::c_void) -> #result {
                // SAFETY: the caller's promise.
                unsafe { #core::__private::#take::<#pointer>(object) }
            }
        }
    }

    /// What the description says of the closure's threads, held by the compiler.
    fn promises(&self) -> TokenStream {
        let object = &self.object;
        let autos = self.autos.iter().map(|auto| quote::format_ident!("{auto}"));
        quote! {
            #[allow(dead_code)]
            fn __promises() {
                fn are_kept<__C: ?Sized #(+ ::core::marker::#autos)*>() {}
                are_kept::<#object>();
            }
        }
    }

    /// Gives a Rust closure the closure's signature, with all its lifetimes.
    fn typed(&self) -> TokenStream {
        let call = match self.call {
            Call::Fn => quote!(Fn),
            Call::FnMut => quote!(FnMut),
            Call::FnOnce => quote!(FnOnce),
        };
        let generics = self.callable.generics.params.iter();
        let types = self.callable.parameters.iter().map(|parameter| &parameter.ty);
        let result = &self.callable.result;
        quote! {
            fn __typed<__F: for<#(#generics),*> ::core::ops::#call(#(#types),*) -> #result>(closure: __F) -> __F {
                closure
            }
        }
    }

    /// Calls the entry, in the other library.
    fn invoke(&self) -> TokenStream {
        let core = &self.callable.core;
        let (generics, bounds) = self.callable.lifetime_generics();
        let names = self.callable.argument_idents();
        let types = self.callable.parameters.iter().map(|parameter| &parameter.ty);
        let result = &self.callable.result;
        let call = self.callable.call(quote!(slot), Some(quote!(data)));
        quote! {
            /// # Safety
            ///
            /// Data and slot belong together, and the closure may be called.
            unsafe fn __invoke #generics (
                data: *mut ::core::ffi::c_void,
                slot: #core::__private::Slot,
                #(#names: #types),*
            ) -> #result #bounds {
                #call
            }
        }
    }

    /// The address of the entry; what is wrong with its types is reported at them.
    fn slot(&self) -> TokenStream {
        let core = &self.callable.core;
        let (start, end) = self.callable.doubtful();
        let mut entry = self.callable.ident.clone();
        entry.set_span(end);
        quote_spanned!(start=> #core::__private::Slot::new(Self::#entry as *const ()))
    }

    /// The other library's closure as a Rust closure, around `callback`.
    fn remote(&self) -> TokenStream {
        let names: Vec<_> = self.callable.argument_idents().collect();
        let (prepare, data) = match self.call {
            Call::Fn | Call::FnMut => (TokenStream::new(), quote!(callback.data())),
            Call::FnOnce => (quote!(let slot = callback.slot();), quote!(callback.into_data())),
        };
        let slot = if self.call == Call::FnOnce { quote!(slot) } else { quote!(callback.slot()) };
        quote! {
            Self::__typed(move |#(#names),*| {
                #prepare
                // SAFETY: both are of this callback, which lives as long as this closure, or ends with this call.
                unsafe { Self::__invoke(#data, #slot, #(#names),*) }
            })
        }
    }

    fn lent(&self) -> TokenStream {
        let conditions = &self.around.conditions;
        let core = &self.callable.core;
        let name = &self.name;
        let (generics, arguments, bounds) = self.parameters();
        let slot = self.slot();
        let remote = self.remote();
        let (lend, borrow, this, closure) = match self.pointer {
            Pointer::Mutable => {
                (quote!(lend_mut), quote!(&mut this.0), quote!(mut this), quote!(mut closure))
            }
            _ => (quote!(lend), quote!(&this.0), quote!(this), quote!(closure)),
        };
        let pass = match self.pointer {
            Pointer::Mutable => quote!(&mut closure),
            _ => quote!(&closure),
        };
        let passed = names(&self.around.generics);
        quote! {
            #(#conditions)*
            // SAFETY: the closure is lent for the time of the call, with the entry of its own signature.
            #[automatically_derived]
            unsafe impl #generics #core::__private::Argument for #name #arguments #bounds {
                type Abi = #core::__private::Callback<Self>;
                type Lent<'call> = #name<'call, #(#passed),*>;

                fn send<__R>(self, call: impl ::core::ops::FnOnce(Self::Abi) -> __R) -> __R {
                    let #this = self;
                    let slot = #slot;
                    call(#core::__private::Callback::#lend(#borrow, slot))
                }

                unsafe fn receive<__R>(
                    callback: Self::Abi,
                    call: impl for<'call> ::core::ops::FnOnce(Self::Lent<'call>) -> __R,
                ) -> __R {
                    let #closure = #remote;
                    call(#name::__new(#pass))
                }
            }
        }
    }

    fn owned(&self) -> TokenStream {
        let conditions = &self.around.conditions;
        let core = &self.callable.core;
        let name = &self.name;
        let (generics, arguments, bounds) = self.parameters();
        let slot = self.slot();
        let remote = self.remote();
        let pointer = match self.pointer {
            Pointer::Arc => quote!(::std::sync::Arc),
            _ => quote!(::std::boxed::Box),
        };
        quote! {
            #(#conditions)*
            // SAFETY: the closure moves, with the entry of its own signature and the function that drops it.
            #[automatically_derived]
            unsafe impl #generics #core::__private::Crossing for #name #arguments #bounds {
                type Abi = #core::__private::Callback<Self>;

                fn into_abi(self) -> Self::Abi {
                    let slot = #slot;
                    #core::__private::Callback::own(self.0, slot)
                }

                unsafe fn from_abi(callback: Self::Abi) -> Self {
                    Self::__new(#pointer::new(#remote))
                }
            }
        }
    }
}
