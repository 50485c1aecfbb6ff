//! The description of a trait: the constant that descriptors are made of.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::{Interface, Method, shape::Shape, table};
use crate::{
    signature::Receiver,
    spans::{item_of, object_type},
};

pub(super) fn expand(interface: &Interface) -> TokenStream {
    let shape = Shape::of(interface);
    let trait_path = shape.path();
    let (parameters, bounds) = shape.parameters(&[]);
    let (id, version) = (&interface.id, &interface.version);
    let arguments = shape.arguments();
    let erased = table::erased(interface);
    let layout = layout(interface, &shape);
    // A trait without parameters has its description in a static, whose address a signature in it can mention.
    let (item, constant, address) = if shape.is_generic() {
        (TokenStream::new(), quote!(&#layout), quote!(Self::INTERFACE))
    } else {
        let item = quote!(static __LAYOUT: ::plugin_core::InterfaceLayout = #layout;);
        (item, quote!(&__LAYOUT), quote!(&raw const __LAYOUT))
    };
    let question = Ident::new("__plugin_object", Span::call_site());
    quote! {
        #item

        // One for all arguments of a generic trait.
        static __COUNTER: ::plugin_core::__private::Counter =
            ::plugin_core::__private::Counter::new(::plugin_core::__private::Kind::Object, #id);

        // SAFETY: `#[plugin_interface]` implements it, which makes the description and the tables below from the same
        // methods, in the same order.
        #[automatically_derived]
        unsafe impl #parameters ::plugin_core::Interface for dyn #trait_path #bounds {
            const INTERFACE: &'static ::plugin_core::InterfaceLayout = #constant;

            const LEAF: &'static ::plugin_core::TypeLayout = &::plugin_core::TypeLayout::interface(
                #id,
                #arguments,
                // SAFETY: the address of the description, which is a constant.
                unsafe { ::plugin_core::InterfaceRef::new(#address, #version) },
            );

            const ERASED: ::plugin_core::__private::Vtable = #erased;

            const COUNTER: ::plugin_core::__private::CounterRef =
                ::plugin_core::__private::CounterRef::of(&__COUNTER);

            #[inline]
            fn proxy(instance: *mut ::plugin_core::Instance<Self>) -> *mut Self {
                instance
            }

            #[inline]
            fn foreign(&self) -> ::core::option::Option<::plugin_core::__private::Foreign<'_>> {
                <Self as #trait_path>::#question(self)
            }
        }
    }
}

fn layout(interface: &Interface, shape: &Shape<'_>) -> TokenStream {
    let Interface { id, version, item: _, supers, is_send, is_sync, methods } = interface;
    let arguments = shape.arguments();
    let supers = supers.iter().map(|path| item_of(&object_type(path), path, "Interface", "INTERFACE"));
    let supers: Vec<_> = supers.collect();
    let methods = methods.iter().map(|Method { callable, conditions, since, lint_levels: _ }| {
        let name = callable.name();
        let receiver = match callable.receiver {
            Some(Receiver::Shared(..)) | None => quote!(Shared),
            Some(Receiver::Mutable(..)) => quote!(Mutable),
            Some(Receiver::Value(_) | Receiver::Boxed(_)) => quote!(Owned),
        };
        let since = since.as_ref().map_or("", |(version, _)| version);
        let lifetimes = &callable.lifetimes;
        let signature = callable.layout();
        quote! {
            #(#conditions)*
            ::plugin_core::Method::new(
                #name, ::plugin_core::Receiver::#receiver, #since, #lifetimes, #signature,
            )
        }
    });
    quote! {
        ::plugin_core::InterfaceLayout::new(
            #id,
            #arguments,
            #version,
            &[#(#supers),*],
            #is_send #(| #supers.is_send)*,
            #is_sync #(| #supers.is_sync)*,
            &[#(#methods),*],
        )
    }
}
