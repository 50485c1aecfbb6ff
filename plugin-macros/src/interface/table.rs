//! The tables of functions: one for each implementor, and one for objects that are known as trait objects only.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse_quote;

use super::{Interface, Method, shape::Shape};
use crate::{
    signature::{Callable, Object, Receiver},
    spans::{ends, object_type},
};

pub(super) fn expand(interface: &Interface) -> TokenStream {
    let shape = Shape::of(interface);
    let trait_path = shape.path();
    let implementor = [parse_quote!(__Implementor: #trait_path + 'static)];
    let (parameters, bounds) = shape.parameters(&implementor);
    let (all, mention) = (shape.passed(), shape.mention());
    let declared = shape.parameters(&[parse_quote!(__Implementor)]).0;
    let entries = interface.methods.iter().map(|method| entry(&trait_path, method));
    let slots = slots(interface, &quote!(__Implementor), &shape);
    let supers = supers(interface, &quote!(__Implementor));
    let lifetimes = interface.methods.iter().map(|Method { callable, conditions, .. }| {
        let shown = callable.shown_lifetimes();
        if shown.is_empty() { shown } else { quote!(#(#conditions)* #shown) }
    });
    let closures = interface.methods.iter().map(|method| method.callable.closures());
    quote! {
        #(#closures)*

        struct __Entries #declared (::core::marker::PhantomData<(#mention, __Implementor)>) #bounds;

        #[automatically_derived]
        impl #parameters __Entries<#all __Implementor> #bounds {
            #(#entries)*
            #(#lifetimes)*

            /// The object of a table, as the trait object.
            fn __unsize(data: *mut ::core::ffi::c_void) -> *mut dyn #trait_path {
                data.cast::<__Implementor>()
            }
        }

        // SAFETY: the slots are in the order of the description above, and every entry takes an object of the implementing
        // type, as the rest of the table does.
        #[automatically_derived]
        unsafe impl #parameters ::plugin_core::Implemented<__Implementor> for dyn #trait_path #bounds {
            const VTABLE: ::plugin_core::__private::Vtable = ::plugin_core::__private::Vtable::of(
                &::plugin_core::__private::Table::of_boxed::<dyn #trait_path, __Implementor>(
                    &::plugin_core::__private::Home::<dyn #trait_path>::of_boxed(
                        __Entries::<#all __Implementor>::__unsize,
                    ),
                    &[#(#supers),*],
                    [#slots],
                ),
            );
        }
    }
}

/// The table for objects that are known as trait objects only.
pub(super) fn erased(interface: &Interface) -> TokenStream {
    let shape = Shape::of(interface);
    let trait_path = shape.path();
    let implementor = quote!(::plugin_core::__private::Erased<dyn #trait_path>);
    let slots = slots(interface, &implementor, &shape);
    let supers = supers(interface, &implementor);
    quote! {
        ::plugin_core::__private::Vtable::of(
            &::plugin_core::__private::Table::of_erased::<dyn #trait_path>(&[#(#supers),*], [#slots]),
        )
    }
}

fn slots(interface: &Interface, implementor: &TokenStream, shape: &Shape<'_>) -> TokenStream {
    let all = shape.passed();
    let slots = interface.methods.iter().map(|Method { callable, conditions, .. }| {
        let (start, end) = callable.doubtful();
        let mut name = callable.ident.clone();
        name.set_span(end);
        let slot = quote_spanned! {start=>
            ::plugin_core::__private::Slot::new(__Entries::<#all #implementor>::#name as *const ())
        };
        quote!(#(#conditions)* #slot)
    });
    quote!(#(#slots),*)
}

fn supers(interface: &Interface, implementor: &TokenStream) -> Vec<TokenStream> {
    let table = |path| {
        let (start, end) = ends(path);
        let (object, table) = (object_type(path), Ident::new("VTABLE", end));
        quote_spanned!(start=> <#object as ::plugin_core::Implemented<#implementor>>::#table)
    };
    interface.supers.iter().map(table).collect()
}

/// The function behind a slot, in the implementor's library.
fn entry(trait_path: &TokenStream, Method { callable, conditions, .. }: &Method) -> TokenStream {
    let ident = &callable.ident;
    let arguments = callable.arrived();
    let Some(receiver) = &callable.receiver else {
        return TokenStream::new();
    };
    let lent = || quote!(object);
    let owned = || (quote!((object, __taken)), quote!(object_owned::<dyn #trait_path, __Implementor>));
    let ((taken, take), this) = match receiver {
        Receiver::Shared(_, lifetime) => ((lent(), quote!(object::<#lifetime, __Implementor>)), lent()),
        Receiver::Mutable(_, lifetime) => ((lent(), quote!(object_mut::<#lifetime, __Implementor>)), lent()),
        Receiver::Value(_) => (owned(), quote!(*object)),
        Receiver::Boxed(_) => (owned(), lent()),
    };
    let object = Object {
        parameter: quote!(object: *mut ::core::ffi::c_void,),
        borrow: quote! {
            // SAFETY: this entry stands in a table of `__Implementor`, which is beside objects of that type; the proxy below
            // gives its instance as the method takes it: for the same lifetime, or for good.
            let #taken = unsafe { ::plugin_core::__private::#take(object) };
        },
    };
    let entry =
        callable.entry(Some(object), quote!(<__Implementor as #trait_path>::#ident(#this, #(#arguments),*)));
    quote!(#(#conditions)* #entry)
}

/// The place of a method, as a constant expression: methods before it may be absent from this build.
pub(super) fn place(methods: &[Method], index: usize) -> TokenStream {
    let before = methods.get(..index).unwrap_or_default();
    if before.iter().all(|method| method.conditions.is_empty()) {
        return quote!(#index);
    }
    let before = before.iter().map(|Method { conditions, .. }| quote!(#(#conditions)* ()));
    quote!(const { <[()]>::len(&[#(#before),*]) })
}

/// The arguments of a method, to declare them and to pass them on.
pub(super) fn parameters(callable: &Callable) -> (TokenStream, TokenStream) {
    let names: Vec<_> = callable.argument_idents().collect();
    let types = callable.parameters.iter().map(|parameter| &parameter.ty);
    (quote!(#(#names: #types),*), quote!(#(#names),*))
}

/// In a proxy: a reference to the instance, and the object as an entry takes it.
pub(super) fn instance(trait_path: &TokenStream, receiver: &Receiver) -> (TokenStream, TokenStream) {
    let this = receiver.token();
    match receiver {
        Receiver::Shared(..) | Receiver::Mutable(..) => (quote!(#this), quote!(data(#this))),
        Receiver::Value(_) => (quote!(&#this), quote!(into_data::<dyn #trait_path>(#this))),
        Receiver::Boxed(_) => (quote!(&#this), quote!(into_data::<dyn #trait_path>(*#this))),
    }
}
