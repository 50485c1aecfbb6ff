//! `&dyn Trait` and `&mut dyn Trait` as arguments: the impls that only the crate of the trait may write.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse_quote;

use super::{Interface, shape::Shape};

pub(super) fn expand(interface: &Interface) -> TokenStream {
    let shared = argument(interface, &quote!(), &quote!(Lent), &quote!(send_object), &quote!(receive_object));
    let mutable = argument(
        interface,
        &quote!(mut),
        &quote!(LentMut),
        &quote!(send_object_mut),
        &quote!(receive_object_mut),
    );
    quote!(#shared #mutable)
}

fn argument(
    interface: &Interface,
    mutability: &TokenStream,
    abi: &TokenStream,
    send: &TokenStream,
    receive: &TokenStream,
) -> TokenStream {
    let shape = Shape::of(interface);
    let trait_path = shape.path();
    let (generics, bounds) = shape.parameters(&[parse_quote!('__lent), parse_quote!('__object: '__lent)]);
    quote! {
        // SAFETY: the object is lent for the time of the call, under this trait's own table.
        #[automatically_derived]
        unsafe impl #generics ::plugin_core::__private::Argument
            for &'__lent #mutability (dyn #trait_path + '__object) #bounds
        {
            type Abi = ::plugin_core::__private::#abi<'__lent, dyn #trait_path>;
            type Lent<'call> = &'call #mutability (dyn #trait_path + 'static);

            fn send<__R>(self, call: impl ::core::ops::FnOnce(Self::Abi) -> __R) -> __R {
                // SAFETY: one type but for the lifetime of what the object borrows; whoever gets it has it for `'__lent`.
                let object: &'__lent #mutability (dyn #trait_path + 'static) =
                    unsafe { ::core::mem::transmute(self) };
                ::plugin_core::__private::#send(object, call)
            }

            unsafe fn receive<__R>(
                abi: Self::Abi,
                call: impl for<'call> ::core::ops::FnOnce(Self::Lent<'call>) -> __R,
            ) -> __R {
                // SAFETY: the caller's promise is `receive_object`'s.
                unsafe { ::plugin_core::__private::#receive(abi, |object| call(object)) }
            }
        }
    }
}
