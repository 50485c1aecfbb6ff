//! Emits the description of a trait, its tables of functions, and its implementation for foreign objects.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;

use super::{Interface, Method};
use crate::{
    attributes::{conditions, lint_levels},
    signature::{Callable, Object, Parameter, Receiver},
    spans::{ends, item_of, object_type},
};

pub(super) fn interface(interface: &Interface) -> TokenStream {
    let Interface { id: _, version: _, item, supers: _, is_send: _, is_sync: _, methods: _ } = interface;
    let description = description(interface);
    let table = table(interface);
    let proxy = proxy(interface);
    let conditions = conditions(&item.attrs);
    let lint_levels = lint_levels(&item.attrs);
    quote! {
        #item

        #(#conditions)*
        #(#lint_levels)*
        #[doc(hidden)]
        #[allow(
            clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction, deprecated, improper_ctypes_definitions,
            single_use_lifetimes, unreachable_code, unused_mut, unused_qualifications, unused_variables,
        )]
        const _: () = {
            #description
            #table
            #proxy
        };
    }
}

fn description(
    Interface { id, version, item, supers, is_send, is_sync, methods }: &Interface,
) -> TokenStream {
    let trait_name = &item.ident;
    let supers = supers.iter().map(|path| item_of(&object_type(path), path, "Interface", "INTERFACE"));
    let supers: Vec<_> = supers.collect();
    let methods = methods.iter().map(|Method { callable, since, lint_levels: _ }| {
        let name = callable.name();
        let is_mut = callable.receiver.as_ref().is_some_and(|receiver| receiver.is_mut);
        let since = since.as_ref().map_or("", |(version, _)| version);
        let lifetimes = &callable.lifetimes;
        let signature = callable.layout();
        quote!(::plugin_core::Method::new(#name, #is_mut, #since, #lifetimes, #signature))
    });
    quote! {
        // SAFETY: `#[plugin_interface]` implements it, which makes the description and the table below from the same
        // methods, in the same order.
        #[automatically_derived]
        unsafe impl ::plugin_core::Interface for dyn #trait_name {
            const INTERFACE: &'static ::plugin_core::InterfaceLayout = &::plugin_core::InterfaceLayout::new(
                #id,
                #version,
                &[#(#supers),*],
                #is_send #(| #supers.is_send)*,
                #is_sync #(| #supers.is_sync)*,
                &[#(#methods),*],
            );
        }
    }
}

fn table(
    Interface { id: _, version: _, item, supers, is_send: _, is_sync: _, methods }: &Interface,
) -> TokenStream {
    let trait_name = &item.ident;
    let entries = methods.iter().map(|method| entry(trait_name, &method.callable));
    let slots = methods.iter().map(|Method { callable, .. }| {
        let (start, end) = callable.doubtful();
        let mut name = callable.ident.clone();
        name.set_span(end);
        quote_spanned!(start=> ::plugin_core::__private::Slot::new(__Entries::<__Implementor>::#name as *const ()))
    });
    let count = methods.len();
    let supers = supers.iter().map(|path| {
        let (start, end) = ends(path);
        let (object, table) = (object_type(path), Ident::new("VTABLE", end));
        quote_spanned!(start=> <#object as ::plugin_core::Implemented<__Implementor>>::#table)
    });
    quote! {
        struct __Entries<__Implementor>(::core::marker::PhantomData<__Implementor>);

        #[automatically_derived]
        impl<__Implementor: #trait_name + 'static> __Entries<__Implementor> {
            #(#entries)*
        }

        // SAFETY: the slots are in the order of the description above, and every entry takes an object of the implementing
        // type, as `drop_object` does.
        #[automatically_derived]
        unsafe impl<__Implementor: #trait_name + 'static> ::plugin_core::Implemented<__Implementor> for dyn #trait_name {
            const VTABLE: ::plugin_core::__private::Vtable =
                ::plugin_core::__private::Vtable::of(&::plugin_core::__private::Table::<#count>::new(
                    ::plugin_core::__private::drop_object::<__Implementor>,
                    &[#(#supers),*],
                    [#(#slots),*],
                ));
        }
    }
}

/// The function behind a slot, in the implementor's library.
fn entry(trait_name: &Ident, callable: &Callable) -> TokenStream {
    let ident = &callable.ident;
    let arguments = callable.argument_idents();
    let Some(Receiver { token: _, is_mut, lifetime }) = &callable.receiver else {
        return TokenStream::new();
    };
    let borrow = if *is_mut { quote!(object_mut) } else { quote!(object) };
    let object = Object {
        parameter: quote!(object: *mut ::core::ffi::c_void,),
        borrow: quote! {
            // SAFETY: this entry stands in the table of `__Implementor`, which `Instance::new` stores beside objects of that
            // type; the proxy below borrows its instance as the method does, for the same lifetime.
            let object = unsafe { ::plugin_core::__private::#borrow::<#lifetime, __Implementor>(object) };
        },
    };
    callable.entry(Some(object), quote!(<__Implementor as #trait_name>::#ident(object, #(#arguments),*)))
}

/// The trait itself, for objects that another library made.
fn proxy(
    Interface { id: _, version: _, item, supers, is_send: _, is_sync: _, methods }: &Interface,
) -> TokenStream {
    let trait_name = &item.ident;
    let methods = methods.iter().enumerate().map(|(index, method)| forward(trait_name, index, method));
    // What it does not have of a supertrait is reported at the supertraits.
    let (start, end) = ends(quote!(#(#supers)*));
    let close = quote_spanned!(end=> >);
    let instance = quote_spanned!(start=> ::plugin_core::Instance<__Foreign #close);
    quote! {
        #[automatically_derived]
        impl<__Foreign> #trait_name for #instance
        where
            __Foreign: ?Sized + ::plugin_core::Interface + #trait_name,
        {
            #(#methods)*
        }
    }
}

fn forward(
    trait_name: &Ident,
    index: usize,
    Method { callable, since, lint_levels }: &Method,
) -> TokenStream {
    let Callable { core: _, ident, is_unsafe, receiver, parameters, result, generics: _, lifetimes: _ } =
        callable;
    let (generics, bounds) = callable.lifetime_generics();
    let outcome = callable.outcome();
    let types = callable.abi_types();
    let arguments: Vec<_> = callable.argument_idents().collect();
    let argument_types = parameters.iter().map(|Parameter { name: _, pattern: _, ident: _, ty }| ty);
    let keyword = is_unsafe.then(|| quote!(unsafe));
    let (receiver, this) = match receiver {
        Some(Receiver { token, is_mut: true, lifetime }) => (quote!(&#lifetime mut #token), token),
        Some(Receiver { token, is_mut: false, lifetime }) => (quote!(&#lifetime #token), token),
        None => return TokenStream::new(),
    };
    let call = callable.send(quote!(unsafe { entry(object, #(#arguments),*) }));
    let value = callable.take(quote!(value));
    // A name that the default below does not see.
    let table = Ident::new("table", Span::mixed_site());
    // The default of a newer method runs here, with its own arguments.
    let default = since.as_ref().map(|(_, body)| {
        let parameters = parameters
            .iter()
            .map(|Parameter { name: _, pattern, ident, ty: _ }| quote!(let #pattern = #ident;));
        quote! {
            if #table.length() <= #index {
                #(#parameters)*
                return #body;
            }
        }
    });
    quote! {
        #(#lint_levels)*
        #[inline]
        #keyword fn #ident #generics (#receiver, #(#arguments: #argument_types),*) -> #result #bounds {
            let #table = ::plugin_core::Instance::vtable::<dyn #trait_name>(#this);
            #default
            // SAFETY: the table was found to fit this trait's description, which has this method at this place, with this
            // signature; a method that a shorter table lacks went to its default above.
            let entry: unsafe extern "C" fn(*mut ::core::ffi::c_void, #(#types),*) -> #outcome =
                unsafe { #table.slot(#index).restore() };
            let object = ::plugin_core::Instance::data(#this);
            // SAFETY: the entry came with the object, which is borrowed as its method does; it gets its arguments as they were
            // sent, for the call. What an `unsafe` method asks for, the caller of this one answers for.
            let outcome = #call;
            match outcome.into_result() {
                // SAFETY: the entry made the value with `into_abi` of this very type: the result's, which was compared.
                ::core::result::Result::Ok(value) => unsafe { #value },
                ::core::result::Result::Err(panic) => {
                    #[allow(unused_imports)]
                    use ::plugin_core::__private::Resume as _;
                    ::plugin_core::__private::Recovery::<#result>::new().recover(panic)
                }
            }
        }
    }
}
